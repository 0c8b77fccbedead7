import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createMemoryDirectory } from "../../live/memory-directory.ts";
import { createLiveConnection, type LiveConnection } from "./live-connection.ts";
import { MAX_WAITING_BYTES, REPLAY_BELOW_BYTES } from "./live-limits.ts";

const hashOf = (n: number) => String(n).padStart(64, "0");
const ask = (action: string, infoHashes: string[]) => JSON.stringify({ messageID: "m", action, infoHashes });
let proofs = 0;

/** A connection to a directory, over a socket that is read only when the test says so. */
function createGuest(directory: ReturnType<typeof createMemoryDirectory>, hashesPerConnection = 1e6) {
  const sent: string[] = [];
  const mishaps: string[] = [];
  const ends: string[] = [];
  const socket = {
    waitingBytes: 0,
    isPaused: false,
    send(text: string) {
      sent.push(text);
      socket.waitingBytes += text.length;
    },
    close: (code: number) => void ends.push(`closed ${code}`),
    terminate: () => void ends.push("terminated"),
    pause: () => void (socket.isPaused = true),
    resume: () => void (socket.isPaused = false),
  };
  const connection: LiveConnection = createLiveConnection(socket, {
    directory,
    limits: { hashesPerConnection },
    elapsed: () => Date.now(),
    count: (mishap) => void mishaps.push(mishap),
  });
  connection.receive(String(proofs++).padStart(64, "x"));
  return { ...connection, socket, sent, mishaps, ends };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("a connection", () => {
  it("is dropped when it lets too much wait, and others are told all the same", () => {
    const directory = createMemoryDirectory();
    const [peer, deaf, reader] = [createGuest(directory), createGuest(directory), createGuest(directory)];
    for (const follower of [deaf, reader]) follower.receive(ask("subscribe", [hashOf(1)]));
    deaf.socket.waitingBytes = MAX_WAITING_BYTES + 1;
    peer.receive(ask("announce", [hashOf(1)]));
    peer.receive(ask("unannounce", [hashOf(1)]));
    expect([deaf.ends, deaf.mishaps, deaf.sent.length]).toEqual([["terminated"], ["slow-reader"], 2]);
    expect(reader.sent).toHaveLength(4);
  });

  it("is replayed to as fast as it reads, without holding more than a little for it", () => {
    const directory = createMemoryDirectory();
    const peers = Array.from({ length: 3_000 }, () => createGuest(directory));
    for (const peer of peers) peer.receive(ask("announce", [hashOf(1)]));
    const reader = createGuest(directory);
    reader.receive(ask("subscribe", [hashOf(1)]));
    let mostWaiting = 0;
    for (let turns = 0; !reader.sent.at(-1)?.includes("ok") && turns < 100; turns++) {
      mostWaiting = Math.max(mostWaiting, reader.socket.waitingBytes);
      reader.socket.waitingBytes = 0;
      reader.drained();
      vi.runAllTimers();
    }
    expect(reader.sent).toHaveLength(1 + peers.length + 1);
    expect(mostWaiting).toBeLessThan(REPLAY_BELOW_BYTES + 64 * 200);
  });

  it("is read more slowly when it sends too much, and everything is answered in the end", () => {
    const directory = createMemoryDirectory();
    const guest = createGuest(directory);
    const many = Array.from({ length: 1_000 }, (_, n) => hashOf(n));
    for (let sent = 0; sent < 40; sent++) guest.receive(ask(sent % 2 === 0 ? "announce" : "unannounce", many));
    expect(guest.socket.isPaused).toBe(true);
    expect(guest.sent.length).toBeLessThan(25);
    vi.advanceTimersByTime(10_000);
    expect(guest.socket.isPaused).toBe(false);
    expect(guest.sent).toHaveLength(1 + 40);
    expect(new Set(guest.mishaps)).toEqual(new Set(["paced"]));
  });

  it("leaves nothing behind", () => {
    const directory = createMemoryDirectory();
    const guest = createGuest(directory);
    guest.receive(ask("announce", [hashOf(1), hashOf(2)]));
    guest.receive(ask("subscribe", [hashOf(2), hashOf(3)]));
    expect(directory.counts().rooms).toBe(3);
    guest.end();
    guest.receive(ask("announce", [hashOf(4)]));
    expect(directory.counts().rooms).toBe(0);
  });
});
