// How far something is, drawn.

/** `share` from 0 to 1; only what is whole fills the last cell. */
export function drawBar(share: number, cells: number): string {
  const filled = Math.floor(share * cells);
  return `${"█".repeat(filled)}${"░".repeat(cells - filled)}`;
}
