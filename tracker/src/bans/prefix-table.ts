// Values bound to bit prefixes of byte strings, found by the longest prefix that holds: a hash table for every length in use.

export interface PrefixTable<Value> {
  readonly size: number;
  /** Binds the first `bits` bits of `bytes` (latin1) to `value`, in place of what they were bound to. */
  set(bytes: string, bits: number, value: Value): void;
  delete(bytes: string, bits: number): void;
  /** The value of the longest prefix of `bytes`; what follows the longest prefix in use does not matter. */
  find(bytes: string): Value | undefined;
  /** The value bound to exactly this prefix. */
  get(bytes: string, bits: number): Value | undefined;
}

interface Length<Value> {
  readonly bits: number;
  readonly values: Map<string, Value>;
}

export function createPrefixTable<Value>(): PrefixTable<Value> {
  /** Longest first, none of them empty. */
  let lengths: readonly Length<Value>[] = [];
  let size = 0;

  const ofLength = (bits: number) => lengths.find((length) => length.bits === bits);

  function addLength(bits: number): Length<Value> {
    const added = { bits, values: new Map<string, Value>() };
    lengths = [...lengths, added].sort((one, other) => other.bits - one.bits);
    return added;
  }

  return {
    get size() {
      return size;
    },
    set(bytes, bits, value) {
      const { values } = ofLength(bits) ?? addLength(bits);
      const before = values.size;
      values.set(leadingBits(bytes, bits), value);
      size += values.size - before;
    },
    delete(bytes, bits) {
      const length = ofLength(bits);
      if (length?.values.delete(leadingBits(bytes, bits)) !== true) return;
      size--;
      if (length.values.size === 0) lengths = lengths.filter((other) => other !== length);
    },
    find(bytes) {
      for (const { bits, values } of lengths) {
        const value = values.get(leadingBits(bytes, bits));
        if (value !== undefined) return value;
      }
      return undefined;
    },
    get: (bytes, bits) => ofLength(bits)?.values.get(leadingBits(bytes, bits)),
  };
}

/** Whole bytes, and the bits of the next one that count with the others cleared. */
function leadingBits(bytes: string, bits: number): string {
  const whole = bits >> 3;
  const rest = bits & 7;
  if (rest === 0) return bytes.slice(0, whole);
  return bytes.slice(0, whole) + String.fromCharCode(bytes.charCodeAt(whole) & (0xff00 >> rest));
}
