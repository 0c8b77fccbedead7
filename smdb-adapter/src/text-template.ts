// Texts with places to fill in, such as `row{3}/rack{2}` or `{dc}/row{row}`.
import { read, type Reading, refuse } from "./reading.ts";

export interface TextTemplate {
  /** As it was written. */
  readonly text: string;
  /** What stands before each place, and after the last; one more than there are names. */
  readonly literals: readonly string[];
  /** What each place is filled with. */
  readonly names: readonly string[];
}

const PLACE = /\{([^{}]*)\}/;

export function isTemplate(text: string): boolean {
  return text.includes("{") || text.includes("}");
}

/** Reads a template whose places have names from `known` alone. */
export function parseTemplate(text: string, known: readonly string[]): Reading<TextTemplate> {
  const parts = text.split(PLACE);
  const literals = parts.filter((_part, index) => index % 2 === 0);
  const names = parts.filter((_part, index) => index % 2 === 1);
  const remedy = known.length > 0 ? `there are ${known.map((name) => `{${name}}`).join(", ")}` : "write no braces";
  if (literals.some(isTemplate)) return refuse("has a brace without its counterpart", `write {name}; ${remedy}`);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) return refuse(`names {${unknown}}, which is not known here`, remedy);
  return read({ text, literals, names });
}

export function fillTemplate({ literals, names }: TextTemplate, valueOf: (name: string) => string): string {
  return names.reduce((filled, name, index) => filled + valueOf(name) + (literals[index + 1] ?? ""), literals[0] ?? "");
}
