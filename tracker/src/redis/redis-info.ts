// What Redis says of itself: the reply of INFO and of CLUSTER INFO, and the versions in it.

/** Lines of `name:value`; headings and empty lines are left out. */
export function parseInfo(reply: string): ReadonlyMap<string, string> {
  const lines = reply.split(/\r?\n/).filter((line) => line.includes(":") && !line.startsWith("#"));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1)]));
}

/** Compares number by number: 6.0.20 is older than 6.2, 6.2 is not, 10.0 is not. */
export function isOlderVersion(version: string, than: string): boolean {
  const [ours, theirs] = [version, than].map((text) => text.split(".").map((part) => Number.parseInt(part, 10) || 0));
  for (const [index, wanted] of (theirs ?? []).entries()) {
    const number = ours?.[index] ?? 0;
    if (number !== wanted) return number < wanted;
  }
  return false;
}
