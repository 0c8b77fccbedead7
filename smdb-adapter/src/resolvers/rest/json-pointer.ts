// JSON pointers (RFC 6901), in which `*` stands for every member of an object or element of a list.
import { read, type Reading, refuse } from "../../reading.ts";

/** The names to follow, outermost first; none is the whole value. */
export type JsonPointer = readonly string[];

export interface Match {
  /** Of the member or element that was come to last; empty for the whole value. */
  readonly name: string;
  readonly value: unknown;
}

export const EVERY = "*";

export function parsePointer(text: string): Reading<JsonPointer> {
  if (text === "") return read([]);
  if (!text.startsWith("/")) {
    return refuse(
      "is no JSON pointer",
      "begin it with a slash, such as /rack/name, or leave it empty for all of the answer",
    );
  }
  if (/~(?![01])/.test(text))
    return refuse("has a ~ that stands for nothing", "write ~0 for ~ and ~1 for a slash in a name");
  const names = text.slice(1).split("/");
  return read(names.map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~")));
}

/** In the order of the value; none where the pointer leads nowhere. */
export function findAll(value: unknown, pointer: JsonPointer): Match[] {
  let matches: Match[] = [{ name: "", value }];
  for (const name of pointer) matches = matches.flatMap((match) => step(match.value, name));
  return matches;
}

/** Null, `{}` or `[]`: how services say that there is nothing. */
export function isNothing(value: unknown): boolean {
  return value === null || (typeof value === "object" && Object.keys(value).length === 0);
}

/**
 * Whether a value has the shape that the pointer speaks of, as far as its first `*`. Nothing on the way, such as a list
 * without elements, is of any shape.
 */
export function fits(value: unknown, pointer: JsonPointer): boolean {
  let at = value;
  for (const name of pointer) {
    if (isNothing(at)) return true;
    if (name === EVERY) return typeof at === "object";
    const [match] = step(at, name);
    if (match === undefined) return false;
    at = match.value;
  }
  return typeof at === "object";
}

function step(value: unknown, name: string): Match[] {
  if (typeof value !== "object" || value === null) return [];
  if (name === EVERY) return Object.entries(value).map(([key, member]) => ({ name: key, value: member as unknown }));
  const members = value as Readonly<Record<string, unknown>>;
  // A list's length is no member of it.
  return Object.prototype.propertyIsEnumerable.call(members, name) ? [{ name, value: members[name] }] : [];
}
