import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LiveHash, LivePeer } from "../wire/live-message.ts";
import { createRoom, type Following, type Room } from "./room.ts";

const HASH = "0".repeat(64) as LiveHash;
const peerOf = (n: number) => String(n).padStart(64, "0") as LivePeer;

interface Told {
  readonly action: string;
  readonly peer: string;
}

function follow(room: Room): { told: Told[]; following: Following; wakes: () => number } {
  const told: Told[] = [];
  let wakes = 0;
  const tell = (text: string) => void told.push(JSON.parse(text) as Told);
  const following = room.follow({ tell, wake: () => wakes++ });
  return { told, following, wakes: () => wakes };
}

/** Throws where a follower is told twice of the same, or of a departure without an arrival. */
function reconstruct(told: readonly Told[]): string[] {
  const present = new Set<string>();
  for (const { action, peer } of told) {
    if (present.has(peer) === (action === "announce")) throw new Error(`${action} ${peer} makes no sense`);
    if (action === "announce") present.add(peer);
    else present.delete(peer);
  }
  return [...present];
}

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("change" as const), peer: fc.nat(7), in: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("replay" as const), count: fc.integer({ min: 1, max: 3 }) }) },
);

describe("a room", () => {
  it("tells a follower of all that is and happens, once and in order, however slowly it is replayed", () => {
    const before = fc.array(fc.record({ peer: fc.nat(7), in: fc.boolean() }), { maxLength: 20 });
    fc.assert(
      fc.property(before, fc.array(step, { maxLength: 60 }), (history, steps) => {
        const room = createRoom(HASH);
        const change = (peer: number, isIn: boolean) => room.change(isIn ? "announce" : "unannounce", peerOf(peer));
        for (const { peer, in: isIn } of history) change(peer, isIn);
        const initially = [...room.announcers()];
        const { told, following } = follow(room);
        const happened: string[] = [];
        for (const one of steps) {
          if (one.kind === "replay") following.replay(one.count);
          else if (change(one.peer, one.in)) happened.push(`${one.in ? "announce" : "unannounce"} ${peerOf(one.peer)}`);
        }
        while (following.replay(2) !== "all");
        expect(reconstruct(told)).toEqual([...room.announcers()]);
        // Told in the order of one history: who was there, then what happened.
        const history2 = [...initially.map((peer) => `announce ${peer}`), ...happened];
        expect(
          isSubsequence(
            told.map(({ action, peer }) => `${action} ${peer}`),
            history2,
          ),
        ).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it("tells nothing before it knows, and wakes who waits", () => {
    const room = createRoom(HASH, false);
    const { told, following, wakes } = follow(room);
    room.change("announce", peerOf(1));
    expect([following.replay(9), told, wakes()]).toEqual(["unknown", [], 0]);
    room.becomeKnown();
    expect([following.replay(9), told.length, wakes()]).toEqual(["all", 1, 1]);
  });

  it("tells of a change once, and not to those who left", () => {
    const room = createRoom(HASH);
    const { told, following } = follow(room);
    following.replay(1);
    expect(room.change("announce", peerOf(1))).toBe(true);
    expect(room.change("announce", peerOf(1))).toBe(false);
    following.end();
    room.change("unannounce", peerOf(1));
    expect(told).toEqual([{ action: "announce", peer: peerOf(1), info_hash: HASH }]);
    expect([room.announcerCount, room.followerCount]).toEqual([0, 0]);
  });
});

function isSubsequence(part: readonly string[], whole: readonly string[]): boolean {
  let at = 0;
  for (const one of whole) if (one === part[at]) at++;
  return at === part.length;
}
