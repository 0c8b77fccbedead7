import fc from "fast-check";
import { expect, it } from "vitest";
import { RoomMembers, Rooms } from "./rooms.ts";

const ROOMS = 3;
const step = fc.record({
  room: fc.nat(ROOMS - 1),
  what: fc.constantFrom("enter", "enter", "leave", "close"),
  complete: fc.boolean(),
  which: fc.nat(),
});

it("keeps everybody in the room they entered, the complete ones first, and says where they sit", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const positions = new Map<number, number>();
      const rooms = new Rooms((slot, position) => void positions.set(slot, position));
      const numbers = Array.from({ length: ROOMS }, () => rooms.open());
      const inside = numbers.map(() => new Map<number, boolean>());
      let arrivals = 0;
      for (const { room, what, complete, which } of steps) {
        const here = inside[room] as Map<number, boolean>;
        if (what === "enter") {
          rooms.enter(numbers[room] as number, arrivals, complete);
          here.set(arrivals++, complete);
        } else if (here.size === 0) {
          if (what === "leave") continue;
          rooms.close(numbers[room] as number);
          numbers[room] = rooms.open();
        } else if (what === "leave") {
          const leaver = [...here.keys()][which % here.size] as number;
          rooms.leave(numbers[room] as number, positions.get(leaver) as number);
          here.delete(leaver);
        }
        for (const [at, expected] of inside.entries()) {
          for (const isComplete of [true, false]) {
            const members = new RoomMembers(rooms, numbers[at] as number, isComplete);
            const slots = [...expected].filter(([, each]) => each === isComplete).map(([slot]) => slot);
            expect([...members].toSorted((one, other) => one - other)).toEqual(slots);
            const offset = isComplete ? 0 : (rooms.complete[numbers[at] as number] as number);
            for (const [position, slot] of [...members].entries()) expect(positions.get(slot)).toBe(position + offset);
          }
        }
      }
    }),
  );
});

it("takes little more memory than its peers need, however they come", () => {
  const rooms = new Rooms(() => {});
  const numbers = Array.from({ length: 100 }, () => rooms.open());
  for (let slot = 0; slot < 4000; slot++) rooms.enter(numbers[slot % 100] as number, slot, slot % 3 === 0);
  expect(rooms.bytes.length / 16).toBeLessThan(4000 * 1.35);
});
