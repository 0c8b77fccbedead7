import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import { WebSocket } from "ws";
import { createMemoryDirectory } from "../../live/memory-directory.ts";
import { createLiveFrontend, type LiveFrontend } from "./live-frontend.ts";

const SOON_MS = 200;

let server: Server;
let frontend: LiveFrontend;
let faults: string[];

beforeEach(async () => {
  faults = [];
  frontend = createLiveFrontend({
    directory: createMemoryDirectory(),
    limits: { hashesPerConnection: 9, connectionsPerHost: 9, connections: 9 },
    hostOf: () => "host",
    elapsed: () => performance.now(),
    faults: { count: (kind) => void faults.push(kind) },
    pingEveryMs: SOON_MS,
    proofWithinMs: 5 * SOON_MS,
  });
  server = createServer().on("upgrade", frontend.handleUpgrade).listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterEach(async () => {
  await frontend.close();
  server.close();
});

async function connect(options: { autoPong?: boolean } = {}) {
  const socket = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/live`, options);
  const closed = once(socket, "close").then(([code]) => code as number);
  await once(socket, "open");
  return { socket, closed };
}

it("closes with 4408 a connection that brings no proof", async () => {
  const { closed } = await connect();
  expect(await closed).toBe(4408);
  expect(faults).toEqual(["live-no-proof"]);
});

it("drops a connection that gives no sign of life, and keeps one that answers pings", async () => {
  const [silent, alive] = [await connect({ autoPong: false }), await connect()];
  for (const { socket } of [silent, alive]) socket.send(String(Math.random()).slice(2).padEnd(64, "x"));
  expect(await silent.closed).toBe(1006);
  expect(faults).toEqual(["live-silent"]);
  for (let pings = 0; pings < 3; pings++) await once(alive.socket, "ping");
  expect(frontend.connectionCount()).toBe(1);
});
