// Which name somebody may have meant who wrote another.

/** Undefined when none is near. */
export function nearestName(written: string, known: readonly string[]): string | undefined {
  const [nearest] = known
    .map((name) => ({ name, slips: countSlips(written.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, slips }) => slips <= Math.ceil(name.length / 3))
    .sort((one, other) => one.slips - other.slips);
  return nearest?.name;
}

/** Letters too many, missing or wrong (Levenshtein). */
function countSlips(written: string, name: string): number {
  let above = Array.from({ length: name.length + 1 }, (_, column) => column);
  for (const [row, letter] of [...written].entries()) {
    const current = [row + 1];
    for (let column = 1; column <= name.length; column++) {
      const wrong = (above[column - 1] ?? 0) + Number(letter !== name[column - 1]);
      current.push(Math.min(wrong, (above[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    above = current;
  }
  return above[name.length] ?? 0;
}
