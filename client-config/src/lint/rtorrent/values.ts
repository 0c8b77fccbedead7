// Values as rtorrent reads them.

const WORDS: Readonly<Record<string, number>> = { no: 0, false: 0, yes: 1, true: 1 };
const UNITS: Readonly<Record<string, number>> = { b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };

/** Undefined where it is none: words, and whole numbers with a unit of bytes or none. */
export function numberOf(text: string): number | undefined {
  const word = WORDS[text.trim().toLowerCase()];
  if (word !== undefined) return word;
  const [, sign = "", digits, unit] = /^\s*([+-]?)(0x[\da-f]+|\d+)([bkmg]?)\s*$/i.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const isOctal = /^0[0-7]+$/.test(digits);
  const size = isOctal ? Number.parseInt(digits, 8) : Number(digits);
  return (sign === "-" ? -size : size) * (UNITS[(unit ?? "").toLowerCase()] ?? 1);
}

/** Seconds of a schedule: a number, or `hh:mm:ss`. */
export function secondsOf(text: string): number | undefined {
  const parts = text.trim().split(":").map(numberOf);
  if (parts.length > 4 || parts.includes(undefined)) return undefined;
  const units = [1, 60, 3600, 86_400];
  return parts.toReversed().reduce<number>((sum, part, index) => sum + (part ?? 0) * (units[index] ?? 0), 0);
}
