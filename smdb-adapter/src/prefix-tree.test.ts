import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPrefixTree, keptBits } from "./prefix-tree.ts";

interface Rule {
  readonly words: Uint32Array;
  readonly length: number;
}

/** Words with few different bits near the top and the end of each word, so that prefixes nest, split and collide. */
function wordsOf(keyWords: number) {
  const word = fc.oneof(
    fc.nat(0xffffffff),
    fc.constantFrom(0, 1, 0x80000000, 0xffffffff, 0x0a4d0100, 0x0a4d0101, 0x0a4d0200),
  );
  return fc.array(word, { minLength: keyWords, maxLength: keyWords }).map((list) => Uint32Array.from(list));
}

function rulesOf(keyWords: number) {
  const rule = fc.record({ words: wordsOf(keyWords), length: fc.nat(keyWords * 32) });
  return fc.array(rule.map(masked), { maxLength: 60, size: "max" });
}

function masked({ words, length }: Rule): Rule {
  return { words: words.map((word, index) => keptBits(word, length - index * 32)), length };
}

function holds(rule: Rule, address: Uint32Array): boolean {
  const cut = masked({ words: address, length: rule.length });
  return cut.words.every((word, index) => word === rule.words[index]);
}

/** The definition: of all prefixes that hold the address the longest, and of equal ones the last. */
function naiveFind(rules: readonly Rule[], address: Uint32Array): number {
  let best = -1;
  rules.forEach((rule, index) => {
    if (holds(rule, address) && rule.length >= (rules[best]?.length ?? 0)) best = index;
  });
  return best;
}

describe.each([
  ["IPv4", 1],
  ["IPv6", 4],
])("prefix tree over %s", (_family, keyWords) => {
  it("answers as a scan of all prefixes for the longest one does", () => {
    fc.assert(
      fc.property(
        rulesOf(keyWords),
        fc.array(wordsOf(keyWords), { maxLength: 20 }),
        fc.boolean(),
        (rules, some, trim) => {
          const tree = createPrefixTree(keyWords);
          rules.forEach(({ words, length }, index) => tree.insert(words, length, index));
          if (trim) tree.trim();
          const edges = rules.flatMap(({ words }) => [
            words,
            words.map((word) => word ^ 1),
            words.map((word) => ~word),
          ]);
          for (const address of [...some, ...edges]) expect(tree.find(address)).toBe(naiveFind(rules, address));
        },
      ),
      { numRuns: 500 },
    );
  });

  it("tells exactly which prefixes were given to it", () => {
    fc.assert(
      fc.property(rulesOf(keyWords), rulesOf(keyWords), (rules, others) => {
        const tree = createPrefixTree(keyWords);
        rules.forEach(({ words, length }, index) => tree.insert(words, length, index));
        for (const { words, length } of [...rules, ...others]) {
          const last = rules.findLastIndex((rule) => rule.length === length && holds(rule, words));
          expect(tree.get(words, length)).toBe(last);
        }
      }),
      { numRuns: 300 },
    );
  });
});
