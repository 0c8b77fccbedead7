import { describe, expect, it } from "vitest";
import { createSipHash } from "./siphash.ts";

const KEY = Uint8Array.from({ length: 16 }, (_, index) => index);
const MESSAGE = new Int32Array(Uint8Array.from({ length: 60 }, (_, index) => index).buffer);

function hashOf(bytes: number): string {
  const sip = createSipHash(KEY);
  sip.hash(MESSAGE, bytes / 4);
  const result = Buffer.alloc(8);
  result.writeInt32LE(sip.low, 0);
  result.writeInt32LE(sip.high, 4);
  return result.toString("hex");
}

describe("SipHash", () => {
  // From `openssl mac -macopt hexkey:000102…0f -macopt size:8 SIPHASH` over the bytes 0, 1, 2, …
  it.each([
    [0, "310e0edd47db6f72"],
    [4, "b7877127e09427cf"],
    [8, "6224939a79f5f593"],
    [12, "fbe50e86bc8f1e75"],
    [20, "98eea21af25cd6be"],
    [60, "e1915f5cb1eca46c"],
  ])("of %i bytes is OpenSSL's", (bytes, expected) => {
    expect(hashOf(bytes)).toBe(expected);
  });
});
