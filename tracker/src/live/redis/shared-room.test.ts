import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LiveHash } from "../../wire/live-message.ts";
import { createSharedRoom } from "./shared-room.ts";

const HASH = "0".repeat(64) as LiveHash;
const START = 1_000;

/** What Redis does: a set of announcers, a number, and a message for each change. */
function createSource() {
  const announcers: Record<string, string> = {};
  let number = 0;
  return {
    snapshot: () => ({ ...announcers, ...(number > 0 && { "*": `${number}` }) }),
    present: () => Object.keys(announcers).sort(),
    change(peer: string): string {
      const isThere = Object.hasOwn(announcers, peer);
      if (isThere) delete announcers[peer];
      else announcers[peer] = "session";
      const before = number;
      number = before === 0 ? START : before + 1;
      return `${before} ${number} ${isThere ? "-" : "+"}${peer}`;
    },
  };
}

describe("a copy of a shared room", () => {
  it("is the same as the original, whatever is heard before, while and after it is read, and whatever is missed", () => {
    const step = fc.record({
      kind: fc.constantFrom("heard", "missed", "begin", "end"),
      peer: fc.constantFrom("a", "b", "c"),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const source = createSource();
        const shared = createSharedRoom(HASH);
        let snapshot: Record<string, string> | undefined = source.snapshot();
        for (const { kind, peer } of steps) {
          if (kind === "heard" && !shared.hear(source.change(peer))) shared.expectReading();
          if (kind === "missed") source.change(peer);
          if (kind === "begin" && shared.isBeingRead) snapshot = source.snapshot();
          if (kind !== "end" || snapshot === undefined || !shared.isBeingRead) continue;
          if (!shared.fill(snapshot)) shared.expectReading();
          snapshot = undefined;
        }
        // In the end something is heard, and what was missed is noticed.
        if (!shared.hear(source.change("d"))) shared.expectReading();
        if (shared.isBeingRead) expect(shared.fill(source.snapshot())).toBe(true);
        expect([...shared.room.announcers()].sort()).toEqual(source.present());
      }),
      { numRuns: 2_000 },
    );
  });
});
