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
  const below = (limit: number) => Math.floor(random() * limit);
  const pick = (list: readonly Buffer[]) => list[below(list.length)] ?? Buffer.alloc(0);
  const mutations: ((input: Buffer) => Buffer)[] = [
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
  ];
  return () => {
    let input = pick(seeds);
    for (let count = below(MAX_MUTATIONS + 1); count > 0; count--) {
      input = (mutations[below(mutations.length)] ?? mutations[0])?.(input) ?? input;
    }
    return input;
  };
}

function spliced(input: Buffer, at: number, removed: number, added: Buffer): Buffer {
  return Buffer.concat([input.subarray(0, at), added, input.subarray(at + removed)]);
}
