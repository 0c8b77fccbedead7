import fc from "fast-check";
import { expect, it } from "vitest";
import { NOBODY_LISTENS } from "./change-listener.ts";
import type { Group } from "./group.ts";
import { PeerTable } from "./peer-table.ts";
import { SlotRoom } from "./slot-room.ts";

const RACKS = 4;
const step = fc.record({ rack: fc.nat(RACKS - 1), what: fc.constantFrom("join", "join", "leave", "dissolve") });

it("gives every peer a slot of its own, and uses what was given back before it takes more", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const table = new PeerTable(1, NOBODY_LISTENS);
      const rooms = Array.from({ length: RACKS }, () => new SlotRoom());
      const held: number[][] = rooms.map(() => []);
      let most = 0;
      for (const { rack, what } of steps) {
        const room = rooms[rack] as SlotRoom;
        const slots = held[rack] as number[];
        if (what === "join") {
          const slot = table.allocate(room);
          expect(held.flat()).not.toContain(slot);
          table.racks[slot] = {} as Group;
          slots.push(slot);
        } else if (slots.length > 0 && what === "leave") table.release(slots.pop() as number, room);
        else if (slots.length === 0 && what === "dissolve") {
          table.dissolve(room);
          rooms[rack] = new SlotRoom();
        }
        most = Math.max(most, held.flat().length);
        expect(table.size).toBe(held.flat().length);
        expect([...table.live()].toSorted((one, other) => one - other)).toEqual(
          held.flat().toSorted((one, other) => one - other),
        );
      }
      // Racks in turn may each have had the most at another time; what they left is theirs until they are dissolved.
      expect(table.top).toBeLessThanOrEqual(RACKS * (2 * most + 8));
    }),
  );
});

it("keeps the peers of a rack together, and wastes little on racks of one", () => {
  const table = new PeerTable(1, NOBODY_LISTENS);
  const rooms = Array.from({ length: 10 }, () => new SlotRoom());
  const slots = Array.from({ length: 400 }, (_, at) => table.allocate(rooms[at % 10] as SlotRoom));
  const ofFirst = slots.filter((_, at) => at % 10 === 0);
  const neighbours = ofFirst.filter((slot) => ofFirst.includes(slot + 1)).length;
  expect(neighbours).toBeGreaterThanOrEqual(32);
  const alone = new PeerTable(1, NOBODY_LISTENS);
  for (let rack = 0; rack < 100; rack++) alone.allocate(new SlotRoom());
  expect(alone.top).toBe(100);
});
