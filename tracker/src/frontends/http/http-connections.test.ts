import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ByteWriter } from "../../wire/byte-writer.ts";
import { createFaultCounts, type FaultCounts } from "../fault-counts.ts";
import { createHttpConnections, type HttpConnections } from "./http-connections.ts";
import type { TrackerAnswers } from "./tracker-answers.ts";

const HURRY = { headSeconds: 0.3, idleSeconds: 0.5, unreadSeconds: 0.3 };
const LARGE = Buffer.alloc(60_000, "x");

let faults: FaultCounts;
let connections: HttpConnections;
let server: Server;
let sockets: Socket[];
let queries: string[];
let held: Promise<void>;
let release: () => void;

/** Says the query: at once, later (`late=<ms>`), when it is released (`held`), or at length (`large`). */
const echo: TrackerAnswers["announce"] = (query, _sender, out) => {
  queries.push(query);
  if (query === "held") return held.then(() => (late: ByteWriter) => late.latin1(`<${query}>`));
  const milliseconds = /late=(\d+)/.exec(query)?.[1];
  if (milliseconds !== undefined) return delay(Number(milliseconds), (late: ByteWriter) => late.latin1(`<${query}>`));
  if (query === "large") out.copy(LARGE, LARGE.length);
  else out.latin1(`<${query}>`);
  return undefined;
};

beforeEach(() => start());

async function start(limits?: typeof HURRY): Promise<void> {
  faults = createFaultCounts();
  sockets = [];
  queries = [];
  held = new Promise((resolve) => (release = resolve));
  connections = createHttpConnections({ answers: { announce: echo, scrape: echo }, faults, ...(limits && { limits }) });
  server = createServer((request, response) => {
    request.resume().on("end", () => response.end(`[${request.method} ${request.url}]`));
  });
  server.on("upgrade", (_request, socket, head) => socket.end(`upgraded with ${head.toString()}`));
  connections.take(server);
  await once(server.listen(0, "127.0.0.1"), "listening");
}

afterEach(stop);

function stop(): void {
  for (const socket of sockets) socket.destroy();
  connections.closeAll();
  server.closeAllConnections();
  server.close();
}

function open(): Socket {
  const socket = connect({ host: "127.0.0.1", port: (server.address() as AddressInfo).port, allowHalfOpen: true });
  sockets.push(socket);
  return socket.on("error", () => {});
}

function get(path: string, ...headers: string[]): string {
  return [`GET ${path} HTTP/1.1`, "Host: x", ...headers, "", ""].join("\r\n");
}

/** What comes back for these bytes until the other side ends. */
async function converse(...pieces: string[]): Promise<string> {
  const socket = open();
  const received = read(socket);
  for (const piece of pieces) {
    socket.write(piece, "latin1");
    if (pieces.length > 1) await delay(15);
  }
  return received;
}

async function read(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("latin1");
}

function socketCount(): Promise<number> {
  return new Promise((resolve, reject) =>
    server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  );
}

const bodies = (text: string) => text.match(/<[^>]*>|\[[^\]]*\]/g);

describe("the connections of the port", () => {
  it("answers requests in their order, however many come at once and however late some are answered", async () => {
    const sent = Array.from({ length: 200 }, (_, index) =>
      index % 7 === 3 ? `late=${index % 5}&${index}` : `${index}`,
    );
    const last = get("/announce?last", "Connection: close");
    const said = await converse(sent.map((query) => get(`/announce?${query}`)).join("") + last);
    expect(bodies(said)).toEqual([...sent, "last"].map((query) => `<${query}>`));
    expect(said.match(/HTTP\/1.1 200 OK/g)).toHaveLength(201);
  });

  it("reads requests in whatever pieces they come", async () => {
    const text = get("/announce?one") + get("/scrape?two", "Connection: close");
    const said = await converse(...text.match(/[^]{1,9}/g)!);
    expect(bodies(said)).toEqual(["<one>", "<two>"]);
  });

  it("leaves a connection to node:http from its first other request on, bodies and announces included", async () => {
    const posted = `POST /transfers HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nGET /`;
    const chunked =
      get("/announce?body", "Transfer-Encoding: chunked") +
      `${get("/announce?x").length.toString(16)}\r\n${get("/announce?x")}\r\n0\r\n\r\n`;
    const last = get("/announce?last", "Connection: close");
    const said = await converse(get("/announce?late=20") + posted + chunked + get("/announce?b") + last);
    expect(bodies(said)).toEqual([
      "<late=20>",
      "[POST /transfers]",
      "[GET /announce?body]",
      "[GET /announce?b]",
      "[GET /announce?last]",
    ]);
  });

  it("leaves a body that looks like an announce to one parser only", async () => {
    const smuggled = get("/announce?smuggled");
    const said = await converse(
      get("/announce?a", `Content-Length: ${smuggled.length}`) + smuggled + get("/announce?b", "Connection: close"),
    );
    expect(bodies(said)).toEqual(["[GET /announce?a]", "[GET /announce?b]"]);
  });

  it("lets another protocol be spoken, with what came behind the request", async () => {
    const said = await converse(get("/announce", "Connection: Upgrade", "Upgrade: websocket") + "frames");
    expect(said).toBe("upgraded with frames");
  });

  it.each([
    ["http-bad-framing", get("/announce?b", "Content-Length: 3", "Content-Length: 4")],
    ["http-bad-framing", get("/announce?b", "Content-Length: 3", "Transfer-Encoding: chunked")],
    ["http-bad-header", get("/announce?b").replace("\r\n\r\n", "\n\n")],
    ["http-bad-header", get("/announce?b", "Content-Length : 3")],
    ["http-bad-host", get("/announce?b", "Host: y")],
  ])("answers what came before, refuses as %s, and reads no further", async (kind, bad) => {
    const said = await converse(get("/announce?late=10") + bad + get("/announce?c"));
    expect(bodies(said)).toEqual(["<late=10>"]);
    expect(said.match(/HTTP\/1.1 \d+/g)).toEqual(["HTTP/1.1 200", "HTTP/1.1 400"]);
    expect([...faults.totals()]).toEqual([[kind, 1]]);
  });

  it("answers a client that says at once that it will ask no more", async () => {
    const socket = open();
    socket.end(get("/announce?late=20") + get("/announce?b"));
    expect(bodies(await read(socket))).toEqual(["<late=20>", "<b>"]);
  });

  it("gives no answer to what stands behind a last request", async () => {
    const said = await converse(get("/announce?a", "Connection: close") + get("/announce?b"));
    expect(bodies(said)).toEqual(["<a>"]);
  });

  it("stops when what was asked is answered", async () => {
    const [asking, idle] = [open(), open()];
    const [asked, nothing] = [read(asking), read(idle)];
    asking.write(get("/announce?held") + get("/announce?b"));
    await expect.poll(() => queries, { timeout: 20_000 }).toEqual(["held", "b"]);
    await expect.poll(socketCount, { timeout: 20_000 }).toBe(2);
    connections.stop();
    asking.write(get("/announce?c"));
    expect(await nothing).toBe("");
    release();
    expect(bodies(await asked)).toEqual(["<held>", "<b>"]);
    expect(queries).toEqual(["held", "b"]);
  });
});

describe("the time that clients have", () => {
  beforeEach(async () => {
    stop();
    await start(HURRY);
  });

  it("ends heads that take too long, however steadily they drip", async () => {
    const socket = open();
    const received = read(socket);
    const drip = setInterval(() => socket.writable && socket.write("a"), 20);
    socket.write("GET /announce?");
    const said = await received;
    clearInterval(drip);
    expect(said).toMatch(/^HTTP\/1.1 408 /);
    expect([...faults.totals()]).toEqual([["http-too-slow", 1]]);
  });

  it("ends connections that say nothing, and those that are idle, without a word", async () => {
    expect(await read(open())).toBe("");
    const kept = open();
    const received = read(kept);
    kept.write(get("/announce?a"));
    expect(bodies(await received)).toEqual(["<a>"]);
  });

  it("keeps no more than a socket holds for a client that does not read, and ends it", async () => {
    const socket = open();
    await once(socket, "connect");
    socket.pause();
    const requests = get("/announce?large").repeat(50);
    for (let round = 0; round < 40; round++) socket.write(requests);
    await expect.poll(() => socketCount(), { timeout: 20_000 }).toBe(0);
  });
});
