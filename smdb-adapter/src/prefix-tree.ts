// Longest-prefix match: a path-compressed binary trie in flat typed arrays, so that a hundred thousand prefixes are
// a few buffers that the garbage collector never walks.

export interface PrefixTree {
  /**
   * Binds the first `length` bits of `words` to `value`, an integer from 0 up, in place of what they were bound to.
   * Bits beyond `length` must be 0.
   */
  insert(words: Uint32Array, length: number, value: number): void;
  /** The value of the longest prefix that holds the address `words`, or -1. */
  find(words: Uint32Array): number;
  /** The value bound to exactly this prefix, or -1. */
  get(words: Uint32Array, length: number): number;
  /** Gives back the room kept for growth. */
  trim(): void;
}

const FIRST_NODES = 64;
const NONE = -1;

/** `keyWords` is the length of an address in words of 32 bits: 1 for IPv4, 4 for IPv6. */
export function createPrefixTree(keyWords: number): PrefixTree {
  // Node 0 is the root, the empty prefix; as it is nobody's child, a child of 0 means none.
  let nodeCount = 1;
  let keys = new Uint32Array(FIRST_NODES * keyWords);
  let lengths = new Uint8Array(FIRST_NODES);
  let children = new Uint32Array(FIRST_NODES * 2);
  let values = new Int32Array(FIRST_NODES).fill(NONE);
  const mostBits = keyWords * 32;

  function resize(nodes: number): void {
    const kept = Math.min(nodes, nodeCount);
    keys = copied(keys, new Uint32Array(nodes * keyWords), kept * keyWords);
    lengths = copied(lengths, new Uint8Array(nodes), kept);
    children = copied(children, new Uint32Array(nodes * 2), kept * 2);
    values = copied(values, new Int32Array(nodes).fill(NONE), kept);
  }

  function addNode(words: Uint32Array, length: number, value: number): number {
    if (nodeCount === values.length) resize(nodeCount * 2);
    const node = nodeCount++;
    for (let word = 0; word < keyWords; word++) {
      keys[node * keyWords + word] = keptBits(words[word] ?? 0, length - word * 32);
    }
    lengths[node] = length;
    values[node] = value;
    return node;
  }

  /** How many leading bits of `words` a node's key shares, of the first `limit`. */
  function sharedBits(node: number, words: Uint32Array, limit: number): number {
    for (let word = 0; word * 32 < limit; word++) {
      const different = (keys[node * keyWords + word] ?? 0) ^ (words[word] ?? 0);
      if (different !== 0) return Math.min(limit, word * 32 + Math.clz32(different));
    }
    return limit;
  }

  function lengthOf(node: number): number {
    return lengths[node] ?? 0;
  }

  function childSlot(node: number, words: Uint32Array): number {
    return node * 2 + bitAt(words, lengthOf(node));
  }

  /** Puts a node for the first `length` bits of `words` between a slot and the node that it holds. */
  function split(slot: number, words: Uint32Array, length: number): number {
    const below = children[slot] ?? 0;
    const middle = addNode(words, length, NONE);
    const key = keys.subarray(below * keyWords, (below + 1) * keyWords);
    children[childSlot(middle, key)] = below;
    children[slot] = middle;
    return middle;
  }

  function insert(words: Uint32Array, length: number, value: number): void {
    let node = 0;
    while (lengthOf(node) < length) {
      const slot = childSlot(node, words);
      const child = children[slot] ?? 0;
      if (child === 0) {
        const leaf = addNode(words, length, value);
        children[slot] = leaf;
        return;
      }
      const shared = sharedBits(child, words, Math.min(length, lengthOf(child)));
      node = shared === lengthOf(child) ? child : split(slot, words, shared);
    }
    values[node] = value;
  }

  function find(words: Uint32Array): number {
    let node = 0;
    let found = NONE;
    for (;;) {
      const length = lengthOf(node);
      if (sharedBits(node, words, length) < length) return found;
      const value = values[node] ?? NONE;
      if (value >= 0) found = value;
      if (length === mostBits) return found;
      node = children[childSlot(node, words)] ?? 0;
      if (node === 0) return found;
    }
  }

  function get(words: Uint32Array, length: number): number {
    let node = 0;
    while (lengthOf(node) < length) {
      node = children[childSlot(node, words)] ?? 0;
      if (node === 0) return NONE;
    }
    const same = lengthOf(node) === length && sharedBits(node, words, length) === length;
    return same ? (values[node] ?? NONE) : NONE;
  }

  return { insert, find, get, trim: () => resize(nodeCount) };
}

function bitAt(words: Uint32Array, index: number): number {
  return ((words[index >>> 5] ?? 0) >>> (31 - (index & 31))) & 1;
}

/** A word with all but its first `bits` bits cleared; any number of bits goes. The result is signed. */
export function keptBits(word: number, bits: number): number {
  if (bits >= 32) return word;
  return bits <= 0 ? 0 : word & -(2 ** (32 - bits));
}

function copied<A extends Uint32Array | Uint8Array | Int32Array>(from: A, to: A, count: number): A {
  to.set(from.subarray(0, count));
  return to;
}
