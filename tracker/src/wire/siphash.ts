// SipHash-2-4 (Aumasson and Bernstein, 2012): a keyed hash of short messages that nobody can forge without the key.

const KEY_WORDS = 4;
const BLOCK_ROUNDS = 2;
const LAST_ROUNDS = 4;

export interface SipHash {
  /** The result of the last `hash`, as two halves. */
  readonly high: number;
  readonly low: number;
  /** Hashes the first `count` words of `message`, each of them four bytes in little-endian order. */
  hash(message: Int32Array, count: number): void;
}

/** `key` is 16 bytes. In 32-bit halves, because BigInt would cost twenty times as much. */
export function createSipHash(key: Uint8Array): SipHash {
  const bytes = new DataView(key.buffer, key.byteOffset, KEY_WORDS * 4);
  const [k0 = 0, k1 = 0, k2 = 0, k3 = 0] = Array.from({ length: KEY_WORDS }, (_, word) =>
    bytes.getInt32(word * 4, true),
  );
  const result = { high: 0, low: 0, hash };

  function hash(message: Int32Array, count: number): void {
    let v0l = k0 ^ 0x70736575;
    let v0h = k1 ^ 0x736f6d65;
    let v1l = k2 ^ 0x6e646f6d;
    let v1h = k3 ^ 0x646f7261;
    let v2l = k0 ^ 0x6e657261;
    let v2h = k1 ^ 0x6c796765;
    let v3l = k2 ^ 0x79746573;
    let v3h = k3 ^ 0x74656462;
    const whole = count & ~1;
    // The blocks of the message, the block that ends in its length, and one of nothing for the last rounds.
    for (let at = 0; at <= whole + 2; at += 2) {
      const last = at > whole;
      let ml = 0;
      let mh = 0;
      if (at < whole) {
        ml = message[at] ?? 0;
        mh = message[at + 1] ?? 0;
      } else if (last) {
        v2l ^= 0xff;
      } else {
        ml = count > whole ? (message[whole] ?? 0) : 0;
        mh = count << 26;
      }
      v3l ^= ml;
      v3h ^= mh;
      for (let round = last ? LAST_ROUNDS : BLOCK_ROUNDS; round > 0; round--) {
        v0l = (v0l + v1l) | 0;
        v0h = (v0h + v1h + (v0l >>> 0 < v1l >>> 0 ? 1 : 0)) | 0;
        const t1l = (v1l << 13) | (v1h >>> 19);
        v1h = ((v1h << 13) | (v1l >>> 19)) ^ v0h;
        v1l = t1l ^ v0l;
        const t0l = v0h;
        v0h = v0l;
        v0l = t0l;
        v2l = (v2l + v3l) | 0;
        v2h = (v2h + v3h + (v2l >>> 0 < v3l >>> 0 ? 1 : 0)) | 0;
        const t3l = (v3l << 16) | (v3h >>> 16);
        v3h = ((v3h << 16) | (v3l >>> 16)) ^ v2h;
        v3l = t3l ^ v2l;
        v0l = (v0l + v3l) | 0;
        v0h = (v0h + v3h + (v0l >>> 0 < v3l >>> 0 ? 1 : 0)) | 0;
        const u3l = (v3l << 21) | (v3h >>> 11);
        v3h = ((v3h << 21) | (v3l >>> 11)) ^ v0h;
        v3l = u3l ^ v0l;
        v2l = (v2l + v1l) | 0;
        v2h = (v2h + v1h + (v2l >>> 0 < v1l >>> 0 ? 1 : 0)) | 0;
        const u1l = (v1l << 17) | (v1h >>> 15);
        v1h = ((v1h << 17) | (v1l >>> 15)) ^ v2h;
        v1l = u1l ^ v2l;
        const t2l = v2h;
        v2h = v2l;
        v2l = t2l;
      }
      v0l ^= ml;
      v0h ^= mh;
    }
    result.high = v0h ^ v1h ^ v2h ^ v3h;
    result.low = v0l ^ v1l ^ v2l ^ v3l;
  }

  return result;
}
