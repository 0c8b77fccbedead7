import fc from "fast-check";
import { expect, it } from "vitest";
import { NO_SLOT, SlotIndex } from "./slot-index.ts";

const WIDTH = 2;
const OFFSET = 1;
const STRIDE = 4;
const SLOTS = 64;

it("finds what a map would, whatever was added and removed before", () => {
  const step = fc.record({ add: fc.boolean(), key: fc.stringMatching(/^[a-h][a-h]$/), slot: fc.nat(SLOTS - 1) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const bytes = new Uint8Array(SLOTS * STRIDE);
      const index = new SlotIndex({ bytes, offset: OFFSET, width: WIDTH, stride: STRIDE });
      const model = new Map<string, number>();
      for (const { add, key, slot } of steps) {
        const held = model.get(key);
        if (add && held === undefined && ![...model.values()].includes(slot)) {
          bytes.set(Buffer.from(key, "latin1"), slot * STRIDE + OFFSET);
          index.add(slot);
          model.set(key, slot);
        } else if (!add && held !== undefined) {
          index.remove(held);
          model.delete(key);
        }
        for (const [known, at] of model) {
          expect(index.find(`${known}!`)).toBe(at);
          expect(index.findLike(at)).toBe(at);
        }
        expect(index.find(key)).toBe(model.get(key) ?? NO_SLOT);
      }
    }),
  );
});
