// What to say of a setting that does not exist: that, and which one may have been meant.

/** Such as `is no setting; did you mean listenPort?`. */
export function unknownSetting(name: string, known: readonly string[]): string {
  const [nearest] = known
    .map((other) => ({ other, slips: slipsBetween(name.toLowerCase(), other.toLowerCase()) }))
    .filter(({ other, slips }) => slips <= Math.max(2, Math.floor(other.length / 3)))
    .sort((a, b) => a.slips - b.slips);
  return nearest === undefined ? "is no setting; remove it" : `is no setting; did you mean ${nearest.other}?`;
}

/** Letters to insert, remove or replace (Levenshtein), one row at a time. */
function slipsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let index = 1; index <= a.length; index++) {
    const next = [index];
    for (let at = 1; at <= b.length; at++) {
      const replaced = (row[at - 1] ?? 0) + (a[index - 1] === b[at - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[at] ?? 0) + 1, (next[at - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
