// How long the pieces of a payload are: a table, so that the same payload always gives the same info-hash.

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

/**
 * Payloads up to the first number have pieces of the second, in bytes. Small enough that a host has something to
 * give early, long enough that .torrent, HAVE messages and hashing stay small: up to 2048 pieces until 32 GiB.
 */
export const PIECE_LENGTHS: readonly (readonly [payloadBytes: number, pieceBytes: number])[] = [
  [16 * MIB, 64 * KIB],
  [512 * MIB, 256 * KIB],
  [1 * GIB, 512 * KIB],
  [2 * GIB, 1 * MIB],
  [4 * GIB, 2 * MIB],
  [8 * GIB, 4 * MIB],
  [16 * GIB, 8 * MIB],
  [Number.POSITIVE_INFINITY, 16 * MIB],
];

const MIN_PIECE_LENGTH_BYTES = 16 * KIB;
const MAX_PIECE_LENGTH_BYTES = 64 * MIB;

export function pieceLengthFor(payloadBytes: number): number {
  const row = PIECE_LENGTHS.find(([upTo]) => payloadBytes <= upTo);
  if (!row) throw new RangeError(`no piece length for ${payloadBytes} bytes`);
  return row[1];
}

/** Powers of two that every common client takes. */
export function isPieceLength(bytes: number): boolean {
  return bytes >= MIN_PIECE_LENGTH_BYTES && bytes <= MAX_PIECE_LENGTH_BYTES && Number.isInteger(Math.log2(bytes));
}
