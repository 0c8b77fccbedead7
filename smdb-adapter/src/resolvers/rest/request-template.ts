// Paths to ask for, with names in braces for what is put in: `/servers/ipaddresses/{address}`.
import { read, type Reading, refuse } from "../../reading.ts";

export interface RequestTemplate {
  /** The names in braces. */
  readonly names: ReadonlySet<string>;
  /** With the values percent-encoded. */
  fill(values: ReadonlyMap<string, string>): string;
  /** The same for messages: other values in the query may be secrets and are left out. */
  show(values: ReadonlyMap<string, string>): string;
}

const PLACEHOLDER = /\{(\w+)\}/g;
const LITERAL_IN_QUERY = /(?<=[?&][^=&]*=)[^&{}]+/g;

/** `known` are the names that there are values for. */
export function parseRequestTemplate(text: string, known: ReadonlySet<string>): Reading<RequestTemplate> {
  const names = Array.from(text.matchAll(PLACEHOLDER), ([, name = ""]) => name);
  const offered = [...known].map((name) => `{${name}}`).join(" or ");
  const unknown = names.find((name) => !known.has(name));
  if (unknown !== undefined) return refuse(`has {${unknown}} in it, which nothing gives`, `write ${offered}`);
  if (!text.startsWith("/")) return refuse("is no path", `begin it with a slash, such as /servers/${offered}`);
  const literal = text.replaceAll(PLACEHOLDER, "");
  if (/[^\x21-\x7e]|[{}#"<>\\^`|]/.test(literal)) {
    return refuse("has a character that no URL may have", "write names in braces alone, and percent-encode the rest");
  }
  const shown = maskQuery(text);
  return read({
    names: new Set(names),
    fill: (values) => fillIn(text, values),
    show: (values) => fillIn(shown, values),
  });
}

/** The text without what its query says beside the names in braces. */
export function maskQuery(text: string): string {
  return text.replaceAll(LITERAL_IN_QUERY, "…");
}

function fillIn(text: string, values: ReadonlyMap<string, string>): string {
  return text.replaceAll(PLACEHOLDER, (_, name: string) => encodeURIComponent(values.get(name) ?? ""));
}
