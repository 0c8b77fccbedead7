import { once } from "node:events";
import { Agent, createServer, type IncomingMessage, request, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import oracle from "bencode";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AnnounceService, ClientAnnounce, ServiceReply } from "../../service/announce-service.ts";
import { compactEndpoint, type PeerId, portOf } from "../../swarm/identifiers.ts";
import { handoutOf } from "../../swarm/handout-buffer.ts";
import { hostAddressText, parseHostAddress } from "../../wire/compact-address.ts";
import { createFaultCounts } from "../fault-counts.ts";
import { createHttpFrontend, type HttpFrontendOptions } from "./http-frontend.ts";

const PEERS: ServiceReply = {
  kind: "peers",
  intervalSeconds: 15,
  minIntervalSeconds: 14,
  handout: handoutOf([
    {
      peerId: "-lt0D80-\xff\0cdefghijkl" as PeerId,
      v4: compactEndpoint(parseHostAddress("10.1.2.3"), 6881),
      v6: compactEndpoint(parseHostAddress("fd00::3"), 6882),
    },
  ]),
  counts: { complete: 3, incomplete: 4, completions: 2 },
  warning: undefined,
};
const QUERY = `info_hash=${"%aa".repeat(20)}&peer_id=-lt0D80-%81bcdefghijkl&port=6922&uploaded=0&downloaded=0&left=9`;

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bytes: Buffer;
  readonly text: Readonly<Record<string, unknown>>;
}

const open = new Set<Server>();
let takesConnections: boolean;

/** A frontend on a real server, and the announces and errors that came out at its other end. */
async function listen(change: Partial<HttpFrontendOptions> & { answer?: AnnounceService["announce"] } = {}) {
  const faults = createFaultCounts();
  const announces: ClientAnnounce[] = [];
  const errors: object[] = [];
  const service: AnnounceService = {
    announce(announce) {
      announces.push(announce);
      return change.answer ? change.answer(announce) : PEERS;
    },
    leave: () => undefined,
    scrape: (hashes) => new Map(hashes.map((hash) => [hash, { complete: 1, incomplete: 2, completions: 3 }])),
  };
  const log = { error: (details: object) => void errors.push(details) };
  const options = { service, trustedProxies: [], proxyPass: false, allowCidrs: [], log, faults, ...change };
  const frontend = createHttpFrontend(options);
  const server = createServer({ requireHostHeader: false }, (incoming, response) => {
    if (frontend.refuses(incoming, response)) return;
    if (frontend.handles(incoming.url ?? "")) frontend.handle(incoming, response);
    else response.writeHead(404).end("elsewhere");
  });
  if (takesConnections) frontend.takeConnections(server);
  server.on("clientError", (error, socket) => frontend.onClientError(error, socket as never));
  open.add(server);
  await once(server.listen(0, "127.0.0.1"), "listening");
  return { port: (server.address() as AddressInfo).port, announces, errors, faults, frontend, server };
}

afterEach(() => {
  for (const server of open) server.close().closeAllConnections();
  open.clear();
});

function decoded(bytes: Buffer): Record<string, unknown> {
  if (bytes.length === 0) return {};
  const fields = Object.entries(oracle.decode(bytes) as Record<string, unknown>);
  return Object.fromEntries(
    fields.map(([key, value]) => [key, value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : value]),
  );
}

async function ask(port: number, path: string, options: object = {}): Promise<Reply> {
  const outgoing = request({ host: "127.0.0.1", port, path, agent: false, ...options }).end();
  const [response] = (await once(outgoing, "response")) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  const text = response.headers["content-type"] === "text/plain" ? decoded(bytes) : {};
  return { status: response.statusCode ?? 0, headers: response.headers, bytes, text };
}

/** Writes bytes as they are and reads until the other side ends; a reset rejects. */
async function converse(port: number, bytes: Buffer | string): Promise<string> {
  const socket = connect({ host: "127.0.0.1", port });
  socket.write(bytes);
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("latin1");
}

describe.each([true, false])("the HTTP frontend, reading connections itself: %s", (readsItself) => {
  beforeEach(() => {
    takesConnections = readsItself;
  });

  it("hands the service what the client said and the address it came from", async () => {
    const { port, announces } = await listen();
    await ask(port, `/announce?${QUERY}&event=completed&numwant=7&key=5fa3b2c1`, { localAddress: "127.0.3.4" });
    const [announce] = announces as [ClientAnnounce];
    const { endpoint, ...fields } = announce;
    expect(fields).toEqual({
      infoHash: "aa".repeat(20),
      peerId: "-lt0D80-\x81bcdefghijkl",
      key: "5fa3b2c1",
      announceKey: "",
      event: "completed",
      left: 9,
      otherEndpoint: undefined,
      reach: "any",
      uploaded: 0,
      downloaded: 0,
      numwant: 7,
    });
    expect(hostAddressText(endpoint.slice(0, 4) as never)).toBe("127.0.3.4");
    expect(portOf(endpoint)).toBe(6922);
  });

  it("answers compactly, with both intervals and both families", async () => {
    const { port } = await listen();
    const { status, headers, bytes, text } = await ask(port, `/announce?${QUERY}`);
    expect(status).toBe(200);
    expect(headers).toMatchObject({ "content-type": "text/plain", "content-length": `${bytes.length}` });
    expect(text).toEqual({
      complete: 3,
      "external ip": "\x7f\0\0\x01",
      incomplete: 4,
      interval: 15,
      "min interval": 14,
      peers: "\x0a\x01\x02\x03\x1a\xe1",
      peers6: `\xfd\0${"\0".repeat(13)}\x03\x1a\xe2`,
    });
  });

  it("answers compact=0 with dictionaries", async () => {
    const { port } = await listen();
    const { text } = await ask(port, `/announce?${QUERY}&compact=0`);
    const peers = text.peers as { ip: Uint8Array; port: number; "peer id": Uint8Array }[];
    const read = peers.map((peer) => [
      Buffer.from(peer.ip).toString(),
      peer.port,
      Buffer.from(peer["peer id"]).toString("latin1"),
    ]);
    const peerId = "-lt0D80-\xff\0cdefghijkl";
    expect(read).toEqual([
      ["10.1.2.3", 6881, peerId],
      ["fd00::3", 6882, peerId],
    ]);
  });

  it("answers the same when the service takes its time", async () => {
    const { port } = await listen({ answer: () => new Promise((resolve) => setTimeout(() => resolve(PEERS), 20)) });
    expect((await ask(port, `/announce?${QUERY}`)).text).toMatchObject({ interval: 15, complete: 3 });
  });

  it("hands on the key in the path, and leaves every other path to the API", async () => {
    const { port, announces } = await listen();
    const keys = ["", "/", "/n0de-key", "/a/b", "/%61", `/${"x".repeat(9000)}`];
    for (const key of keys) expect((await ask(port, `/announce${key}?${QUERY}`)).text).toMatchObject({ interval: 15 });
    const told = keys.map((key) => key.slice(1));
    expect(announces.map(({ announceKey }) => announceKey)).toEqual(told);
    for (const path of ["/announcer", "/transfers", "/", "/announcements?x", `/x/announce?${QUERY}`]) {
      expect((await ask(port, path)).status).toBe(404);
    }
  });

  it("tells the service's failures with status 200, since clients look at the body of nothing else", async () => {
    const { port } = await listen({ answer: () => ({ kind: "failure", reason: "inactive transfer: activate it" }) });
    const { status, text } = await ask(port, `/announce?${QUERY}`);
    expect(status).toBe(200);
    expect(text).toEqual({ "failure reason": "inactive transfer: activate it", "retry in": 1 });
  });

  it.each([
    ["/announce", "info_hash is missing"],
    [`/announce?${QUERY.replace("port=6922", "port=0")}`, "port is no port"],
    [`/announce?${QUERY.replace("left=9", "left=-9")}`, "left is no number"],
    [`/announce?${QUERY}&event=exploded`, "event is unknown"],
    [`/announce?${QUERY}&port=1`, "port stands twice"],
    [`/announce?${QUERY}&x=${"x".repeat(9000)}`, "the query has 9"],
    ["/scrape", "info_hash is missing"],
  ])("refuses %.60s with status 200 and a reason", async (path, reason) => {
    const { port, announces } = await listen();
    const { status, text } = await ask(port, path);
    expect(status).toBe(200);
    expect(text["failure reason"]).toContain(reason);
    expect(announces).toEqual([]);
  });

  it("answers a scrape of several torrents", async () => {
    const { port } = await listen();
    const { bytes } = await ask(port, `/scrape?info_hash=${"%bb".repeat(20)}&info_hash=${"%ab".repeat(20)}`);
    const file = "d8:completei1e10:downloadedi3e10:incompletei2ee";
    const [ab, bb] = ["\xab".repeat(20), "\xbb".repeat(20)];
    expect(bytes.toString("latin1")).toBe(
      `d5:filesd20:${ab}${file}20:${bb}${file}e5:flagsd20:min_request_intervali30eee`,
    );
  });

  it("tells an internal error by its reason and its log, whether it comes at once or later", async () => {
    const broken = new Error("the disk is full");
    const atOnce = await listen({
      answer: () => {
        throw broken;
      },
    });
    const later = await listen({ answer: () => Promise.reject(broken) });
    for (const { port, errors } of [atOnce, later]) {
      const { status, text } = await ask(port, `/announce?${QUERY}`);
      expect(status).toBe(200);
      expect(text).toMatchObject({
        "failure reason": expect.stringMatching(/^internal error.*try again/),
        "retry in": 1,
      });
      expect(errors).toEqual([{ err: broken }]);
    }
  });

  it("answers HEAD with the length of what GET would say, and refuses other methods", async () => {
    const { port, faults } = await listen();
    const length = (await ask(port, `/announce?${QUERY}`)).headers["content-length"];
    expect(await ask(port, `/announce?${QUERY}`, { method: "HEAD" })).toMatchObject({
      status: 200,
      headers: { "content-length": length },
      bytes: Buffer.alloc(0),
    });
    const posted = await ask(port, `/announce?${QUERY}`, { method: "POST" });
    expect(posted).toMatchObject({ status: 405, headers: { allow: "GET, HEAD" } });
    expect(posted.text["failure reason"]).toContain("send GET");
    expect(Object.fromEntries(faults.totals())).toEqual({ "http-bad-method": 1 });
  });

  it("believes proxies that are trusted, and nobody else", async () => {
    const change = { trustedProxies: ["127.0.0.1"] };
    const { port, announces } = await listen(change);
    const headers = { "X-Forwarded-For": "10.9.8.7" };
    await ask(port, `/announce?${QUERY}`, { headers });
    await ask(port, `/announce?${QUERY}&ip=10.1.1.1`);
    await ask(port, `/announce?${QUERY}&ip=10.1.1.1`, { headers, localAddress: "127.0.0.2" });
    const hosts = announces.map(({ endpoint }) => hostAddressText(endpoint.slice(0, -2) as never));
    expect(hosts).toEqual(["10.9.8.7", "10.1.1.1", "127.0.0.2"]);
  });

  it("refuses in words, and counts, a request without a host, whoever reads it", async () => {
    const { port, faults } = await listen();
    for (const line of [`GET /announce?${QUERY}`, `POST /announce?${QUERY}`, "GET /elsewhere"]) {
      const answer = await converse(port, `${line} HTTP/1.1\r\n\r\n`);
      expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
      expect(answer).toContain("needs one Host header");
    }
    expect(Object.fromEntries(faults.totals())).toEqual({ "http-bad-host": 3 });
  });

  it("serves only ALLOW_CIDRS", async () => {
    const { port, announces, faults } = await listen({ allowCidrs: ["127.0.7.0/24"] });
    const scrape = `/scrape?info_hash=${"%bb".repeat(20)}`;
    for (const path of [`/announce?${QUERY}`, scrape]) {
      expect((await ask(port, path)).text["failure reason"]).toContain("ALLOW_CIDRS");
      expect((await ask(port, path, { localAddress: "127.0.7.1" })).text).not.toHaveProperty("failure reason");
    }
    expect(announces).toHaveLength(1);
    expect(Object.fromEntries(faults.totals())).toEqual({ "http-not-allowed": 2 });
  });

  it("keeps a connection that wants to be kept", async () => {
    const { port } = await listen();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const used = new Set<unknown>();
    agent.on("free", (socket) => used.add(socket));
    for (let round = 0; round < 5; round++) {
      expect((await ask(port, `/announce?${QUERY}`, { agent })).headers.connection).toBe("keep-alive");
    }
    expect(used.size).toBe(1);
    agent.destroy();
  });

  it("answers requests that were sent at once in their order", async () => {
    const delays = [30, 0];
    const { port } = await listen({
      answer: ({ left }) =>
        new Promise((resolve) =>
          setTimeout(() => resolve({ kind: "failure", reason: `left ${left}` }), delays.shift()),
        ),
    });
    const line = (left: number, connection: string) =>
      `GET /announce?${QUERY.replace("left=9", `left=${left}`)} HTTP/1.1\r\nHost: x\r\nConnection: ${connection}\r\n\r\n`;
    const said = await converse(port, line(1, "keep-alive") + line(2, "close"));
    expect(said.match(/left \d/g)).toEqual(["left 1", "left 2"]);
  });

  it("answers HTTP/1.0 and closes", async () => {
    const { port } = await listen();
    const said = await converse(port, `GET /announce?${QUERY} HTTP/1.0\r\n\r\n`);
    expect(said).toMatch(/^HTTP\/1.1 200 OK\r\n[^]*Connection: close\r\n[^]*\r\nd8:complete/);
  });

  it.each([20_000, 2_000_000])("answers a query of %i bytes with a reason, and no reset", async (bytes) => {
    const { port } = await listen();
    const said = await converse(port, `GET /announce?x=${"x".repeat(bytes)} HTTP/1.1\r\nHost: x\r\n\r\n`);
    expect(said.match(/^HTTP/g)).toHaveLength(1);
    const [head, body] = said.split("\r\n\r\n") as [string, string];
    expect(head).toMatch(/^HTTP\/1.1 200 OK\r\nContent-Type: text\/plain\r\n/);
    expect(decoded(Buffer.from(body, "latin1"))["failure reason"]).toBe(
      "the query is too long; send at most 8192 bytes",
    );
  });

  it.each(["GET /announce?info_hash=\x01\x02 HTTP/1.1\r\nHost: x\r\n\r\n", "\x16\x03\x01 no HTTP\r\n\r\n"])(
    "answers what is no HTTP with a reason, and goes on serving others",
    async (bytes) => {
      const { port } = await listen();
      const said = await converse(port, Buffer.from(bytes, "latin1"));
      const [head, body] = said.split("\r\n\r\n") as [string, string];
      expect(head).toMatch(/^HTTP\/1.1 400 Bad Request/);
      expect(decoded(Buffer.from(body, "latin1"))["failure reason"]).toContain("percent-encode");
      expect((await ask(port, `/announce?${QUERY}`)).status).toBe(200);
    },
  );

  it("survives clients that leave before they are answered", async () => {
    let answer: (reply: ServiceReply) => void = () => {};
    const { port, errors } = await listen({ answer: () => new Promise((resolve) => (answer = resolve)) });
    const socket = connect({ host: "127.0.0.1", port });
    socket.on("error", () => {});
    socket.write(`GET /announce?${QUERY} HTTP/1.1\r\nHost: x\r\n\r\n`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.resetAndDestroy();
    await new Promise((resolve) => setTimeout(resolve, 20));
    answer(PEERS);
    const scraped = await ask(port, `/scrape?info_hash=${"%bb".repeat(20)}`);
    expect(scraped.status).toBe(200);
    expect(errors).toEqual([]);
  });

  it("refuses to be built with a range that is none", async () => {
    await expect(listen({ allowCidrs: ["rack1"] })).rejects.toThrow('"rack1" is no address range');
    await expect(listen({ trustedProxies: ["10/8"] })).rejects.toThrow('"10/8" is no address range');
  });
});
