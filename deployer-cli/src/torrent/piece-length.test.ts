import { describe, expect, it } from "vitest";
import { isPieceLength, PIECE_LENGTHS, pieceLengthFor } from "./piece-length.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

describe("the length of pieces", () => {
  it.each([
    [1, 64 * KIB],
    [16 * MIB, 64 * KIB],
    [16 * MIB + 1, 256 * KIB],
    [64 * MIB, 256 * KIB],
    [1 * GIB, 512 * KIB],
    [3 * GIB, 2 * MIB],
    [100 * GIB, 16 * MIB],
  ])("%i bytes are cut into pieces of %i", (payloadBytes, pieceBytes) => {
    expect(pieceLengthFor(payloadBytes)).toBe(pieceBytes);
  });

  it("stays at 2048 pieces or fewer up to 32 GiB", () => {
    const sizes = PIECE_LENGTHS.map(([upTo]) => Math.min(upTo, 32 * GIB));
    for (const size of sizes) expect(size / pieceLengthFor(size)).toBeLessThanOrEqual(2048);
  });

  it("takes only powers of two that clients take", () => {
    expect([16 * KIB, 256 * KIB, 64 * MIB].filter(isPieceLength)).toHaveLength(3);
    expect([0, -256 * KIB, 1.5 * MIB, 8 * KIB, 128 * MIB, Number.NaN].filter(isPieceLength)).toEqual([]);
  });
});
