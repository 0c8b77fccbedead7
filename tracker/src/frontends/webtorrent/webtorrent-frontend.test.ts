import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import type { ServiceReply } from "../../service/announce-service.ts";
import { handoutOf } from "../../swarm/handout-buffer.ts";
import { createFaultCounts } from "../fault-counts.ts";
import { createWebtorrentFrontend, type WebtorrentFrontend } from "./webtorrent-frontend.ts";

const ROUND_MS = 30_000;
const NOT_SERVED: ServiceReply = {
  kind: "peers",
  intervalSeconds: 120,
  minIntervalSeconds: 120,
  handout: handoutOf([]),
  counts: { complete: 0, incomplete: 0, completions: 0 },
  warning: "inactive transfer",
};
const ANNOUNCE = { action: "announce", info_hash: "h".repeat(20), peer_id: "-WW0208-abcdefghijkl", left: 1 };

let server: Server;
let frontend: WebtorrentFrontend;

beforeEach(async () => {
  // Rounds pass when the test says so.
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  const limits = { maxConnections: 9, maxConnectionsPerAddress: 9, maxMessageBytes: 9999, messagesPerSecond: 99 };
  frontend = createWebtorrentFrontend({
    ...limits,
    maxOffers: 9,
    maxHashes: 9,
    intervalSeconds: 120,
    trustedProxies: [],
    proxyPass: false,
    allowCidrs: [],
    service: { announce: () => NOT_SERVED, leave: () => undefined, scrape: () => new Map() },
    lengthBytes: () => undefined,
    channel: undefined,
    faults: createFaultCounts(),
    log: { error: (details) => expect(details).toBe("no error") },
    elapsed: () => performance.now(),
    random: Math.random,
  });
  server = createServer().on("upgrade", frontend.handleUpgrade).listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterEach(async () => {
  await frontend.close();
  server.close();
  vi.useRealTimers();
});

async function connect(options: { autoPong?: boolean } = {}) {
  const socket = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/`, options);
  const closed = once(socket, "close").then(([code]) => code as number);
  await once(socket, "open");
  return { socket, closed };
}

/** All that either side sent has been dealt with by the other, and no message was sent for that. */
async function settled(socket: WebSocket): Promise<void> {
  const pong = once(socket, "pong");
  socket.ping();
  await pong;
}

async function passRounds(count: number, socket: WebSocket): Promise<void> {
  for (let round = 0; round < count; round++) {
    vi.advanceTimersByTime(ROUND_MS);
    await settled(socket);
  }
}

it("ends a connection that is in no swarm and says nothing for longer than any interval", async () => {
  const { socket, closed } = await connect();
  await passRounds(5, socket);
  vi.advanceTimersByTime(ROUND_MS);
  expect(await closed).toBe(1008);
});

it("keeps a client that announces a transfer which is not active yet", async () => {
  const { socket } = await connect();
  for (let announces = 0; announces < 4; announces++) {
    socket.send(JSON.stringify(ANNOUNCE));
    await once(socket, "message");
    await passRounds(5, socket);
  }
  expect(frontend.connections()).toBe(1);
});

it("ends a connection whose other end does not answer for a round", async () => {
  const { closed } = await connect({ autoPong: false });
  vi.advanceTimersByTime(2 * ROUND_MS);
  expect(await closed).toBe(1006);
  expect(frontend.connections()).toBe(0);
});
