import fc from "fast-check";
import { expect, it } from "vitest";
import { createPrefixTable } from "./prefix-table.ts";

const byte = fc.constantFrom(0, 1, 0x7f, 0x80, 0x81, 0xff);
const bytes = fc.array(byte, { minLength: 4, maxLength: 6 }).map((codes) => String.fromCharCode(...codes));
const prefix = fc.record({ bytes, bits: fc.integer({ min: 0, max: 32 }) });
type Step = { readonly bytes: string; readonly bits: number; readonly put: boolean };
const step: fc.Arbitrary<Step> = fc.record({ bytes, bits: fc.integer({ min: 0, max: 32 }), put: fc.boolean() });

it("finds the longest prefix that is in it, as a search through all of them does", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), fc.array(bytes), (steps, asked) => {
      const table = createPrefixTable<string>();
      const all = new Map<string, string>();
      for (const { bytes: start, bits, put } of steps) {
        const key = binary(start).slice(0, bits);
        if (put) table.set(start, bits, key);
        else table.delete(start, bits);
        if (put) all.set(key, key);
        else all.delete(key);
      }
      expect(table.size).toBe(all.size);
      for (const one of [...asked, ...steps.map((each) => each.bytes)]) {
        const holding = [...all.keys()].filter((key) => binary(one).startsWith(key));
        expect(table.find(one)).toBe(holding.toSorted((a, b) => b.length - a.length)[0]);
      }
    }),
  );
});

it("gets exactly what was set, and nothing of shorter or longer prefixes", () => {
  fc.assert(
    fc.property(prefix, fc.integer({ min: 0, max: 32 }), ({ bytes: start, bits }, other) => {
      const table = createPrefixTable<number>();
      table.set(start, bits, 7);
      expect(table.get(start, other)).toBe(other === bits ? 7 : undefined);
    }),
  );
});

function binary(text: string): string {
  return [...text].map((each) => each.charCodeAt(0).toString(2).padStart(8, "0")).join("");
}
