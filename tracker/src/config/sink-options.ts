// Parts of a sink's address that several sinks have: what stands behind the question mark, and percent signs.

/** What is wrong with the names; undefined when each is known and given once. */
export function faultyOptions(options: URLSearchParams, known: readonly string[]): string | undefined {
  const names = [...options.keys()];
  const strange = names.find((name) => !known.includes(name));
  if (strange !== undefined) return `has ${described(strange)} that it does not take; it takes ${known.join(", ")}`;
  const twice = names.find((name, index) => names.indexOf(name) < index);
  return twice === undefined ? undefined : `has the option ${twice} twice; keep one of the two`;
}

/** A question mark in a password that is not encoded makes options of what follows. */
function described(name: string): string {
  return /^[a-z_]{1,40}$/i.test(name) ? `an option ${name}` : "an option";
}

/** Undefined for what is no whole number from 1 to `most`. */
export function countOf(text: string | null, most: number): number | undefined {
  const number = /^\d{1,16}$/.test(text ?? "") ? Number(text) : 0;
  return number >= 1 && number <= most ? number : undefined;
}

/** Whether every percent sign encodes something. */
export function isDecodable({ username, password, hostname, pathname }: URL): boolean {
  try {
    [username, password, hostname, pathname].forEach(decodeURIComponent);
    return true;
  } catch {
    return false;
  }
}
