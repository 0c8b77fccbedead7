// Inputs that are nearly right: seeds changed by a few mutations, the same for the same seed number.

/** From 0 inclusive to 1 exclusive; a mulberry32. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface Chance {
  /** An integer from 0 to below `limit`. */
  below(limit: number): number;
  /** True so many times of 100. */
  percent(share: number): boolean;
  pick<Item>(list: readonly Item[]): Item;
}

export function createChance(random: () => number): Chance {
  const below = (limit: number) => Math.floor(random() * limit);
  return {
    below,
    percent: (share) => random() * 100 < share,
    pick<Item>(list: readonly Item[]): Item {
      if (list.length === 0) throw new Error("nothing to pick from");
      return list[below(list.length)] as Item;
    },
  };
}

export type Mutate = (input: Buffer) => Buffer;

export interface MutationParts {
  readonly random: () => number;
  readonly seeds: readonly Buffer[];
  /** Pieces that mean something to the reader, and are put where they do not belong. */
  readonly tokens: readonly Buffer[];
}

const MAX_MUTATIONS = 4;
const LONGEST_SLICE = 24;

/** The result makes one input at a call. */
export function createMutator({ random, seeds, tokens }: MutationParts): () => Buffer {
  const mutate = createMutations({ random, seeds, tokens });
  const { pick } = createChance(random);
  return () => mutate(pick(seeds));
}

/** The result changes an input by none to a few mutations. */
export function createMutations({ random, seeds, tokens }: MutationParts): Mutate {
  const { below, pick } = createChance(random);
  const mutations: Mutate[] = [
    (input) => spliced(input, below(input.length + 1), 0, pick(tokens)),
    (input) => spliced(input, below(input.length + 1), below(LONGEST_SLICE), pick(tokens)),
    (input) => spliced(input, below(input.length + 1), 1, Buffer.of(below(256))),
    (input) => spliced(input, below(input.length + 1), below(LONGEST_SLICE), Buffer.alloc(0)),
    (input) => {
      const from = below(input.length + 1);
      return spliced(input, below(input.length + 1), 0, input.subarray(from, from + below(LONGEST_SLICE)));
    },
    (input) => input.subarray(0, below(input.length + 1)),
    (input) => Buffer.concat([input, pick(seeds)]),
    // Keeps the places of all that follows, for formats that go by them.
    (input) => overwritten(input, below(input.length / 2 + 1) * 2, pick(tokens)),
  ];
  return (seed) => {
    let input = seed;
    for (let count = below(MAX_MUTATIONS + 1); count > 0; count--) input = pick(mutations)(input);
    return input;
  };
}

function spliced(input: Buffer, at: number, removed: number, added: Buffer): Buffer {
  return Buffer.concat([input.subarray(0, at), added, input.subarray(at + removed)]);
}

function overwritten(input: Buffer, at: number, token: Buffer): Buffer {
  return spliced(input, at, token.length, token).subarray(0, input.length);
}
