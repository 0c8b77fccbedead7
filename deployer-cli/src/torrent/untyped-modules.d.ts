// The parts that are used of packages that ship no types.

declare module "bencode" {
  /** Dictionaries are plain objects, strings are bytes. Lenient: check what matters by encoding again. */
  type Decoded = number | Uint8Array | Decoded[] | { [key: string]: Decoded };
  type Encodable = number | string | Uint8Array | readonly Encodable[] | { readonly [key: string]: Encodable };

  const bencode: {
    /** Sorts the keys of dictionaries; strings are written as UTF-8. */
    encode(value: Encodable): Uint8Array;
    decode(bytes: Uint8Array): Decoded | null;
  };
  export type { Decoded, Encodable };
  export default bencode;
}
