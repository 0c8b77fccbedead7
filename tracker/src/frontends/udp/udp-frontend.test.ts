import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import {
  type AnnounceService,
  type ClientAnnounce,
  type ServiceReply,
  UnavailableError,
} from "../../service/announce-service.ts";
import { handoutOf } from "../../swarm/handout-buffer.ts";
import { compactEndpoint, hostOf, type InfoHash, type PeerId, portOf } from "../../swarm/identifiers.ts";
import { hostAddressText, parseHostAddress } from "../../wire/compact-address.ts";
import { createFaultCounts } from "../fault-counts.ts";
import { createConnectionIds } from "./connection-ids.ts";
import type { UdpSocket } from "./packet.ts";
import { createUdpFrontend, type UdpFrontendOptions } from "./udp-frontend.ts";
import { connectionKey, openUdpSocket, type UdpSocketKind } from "./udp-server.ts";

const peers = Array.from({ length: 300 }, (_, index) => ({
  peerId: "-lt0D80-abcdefghijkl" as PeerId,
  v4: compactEndpoint(parseHostAddress(`10.1.${index >> 8}.${index & 0xff}`), 6881),
  v6: compactEndpoint(parseHostAddress(`fd00::${index.toString(16)}`), 6882),
}));
const PEERS: ServiceReply = {
  kind: "peers",
  intervalSeconds: 15,
  minIntervalSeconds: 14,
  handout: handoutOf(peers.slice(0, 2)),
  counts: { complete: 3, incomplete: 4, completions: 2 },
  warning: undefined,
};
const INFO_HASH = "aa".repeat(20) as InfoHash;
const SILENT_MS = 150;

interface Change extends Partial<UdpFrontendOptions> {
  readonly host?: string;
  readonly answer?: AnnounceService["announce"];
}

const open: (UdpSocket | Socket)[] = [];
afterEach(async () => {
  for (const socket of open.splice(0)) await socket.close();
});

/** The front end on a real socket, and the announces, errors and faults that came out at its other end. */
async function listen(kind: UdpSocketKind, { host = "127.0.0.1", answer, ...change }: Change = {}) {
  const announces: ClientAnnounce[] = [];
  const errors: object[] = [];
  const faults = createFaultCounts();
  const service: AnnounceService = {
    announce(announce) {
      announces.push({ ...announce });
      return answer ? answer(announce) : PEERS;
    },
    leave: () => undefined,
    scrape: async (hashes) => new Map(hashes.map((hash) => [hash, { complete: 1, incomplete: 2, completions: 3 }])),
  };
  const frontend = createUdpFrontend({
    service,
    connectionIds: createConnectionIds({ key: connectionKey(undefined), check: "strict", now: Date.now }),
    allowCidrs: [],
    readsKeys: true,
    faults,
    log: { error: (details) => void errors.push(details) },
    ...change,
  });
  const onError = (error: Error) => void errors.push(error);
  const socket = await openUdpSocket(kind, { host, port: 0, answer: frontend, onError });
  open.push(socket);
  return { port: socket.port, announces, errors, faults: faults.totals() };
}

/** A client on a socket of its own: what it sends and what comes back. */
async function createClient(port: number, { host = "127.0.0.1", from = host }: { host?: string; from?: string } = {}) {
  const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
  open.push(socket);
  const replies: Buffer[] = [];
  socket.on("message", (message) => void replies.push(message));
  socket.bind({ address: from, port: 0 });
  await once(socket, "listening");
  const send = (...parts: (Buffer | Uint8Array)[]) => socket.send(Buffer.concat(parts), port, host);
  async function ask(...parts: (Buffer | Uint8Array)[]): Promise<Buffer> {
    send(...parts);
    while (replies.length === 0) await once(socket, "message");
    return replies.shift()!;
  }
  const connect = async () => (await ask(MAGIC, head(0, 77))).subarray(8, 16);
  return { send, ask, connect, replies, port: socket.address().port };
}

const MAGIC = Buffer.from("0000041727101980", "hex");
const head = (action: number, transaction: number) => integers(action, transaction);

function integers(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeInt32BE(value, index * 4);
  return bytes;
}

/** An announce without its connection id. */
function announce({ transaction = 5, left = 9n, event = 0, key = 0x5fa3b2c1, numwant = -1, port = 6922 } = {}): Buffer {
  const amounts = Buffer.alloc(24);
  amounts.writeBigUInt64BE(7n, 0);
  amounts.writeBigUInt64BE(left, 8);
  amounts.writeBigUInt64BE(8n, 16);
  const ids = Buffer.from(`${"\xaa".repeat(20)}-lt0D80-\x81bcdefghijkl`, "latin1");
  const claimed = Buffer.from([6, 6, 6, 6]);
  const rest = Buffer.concat([integers(event), claimed, integers(key, numwant), Buffer.from([port >> 8, port & 0xff])]);
  return Buffer.concat([head(1, transaction), ids, amounts, rest]);
}

const textOf = (reply: Buffer) => reply.toString("utf8", 8);
const actionOf = (reply: Buffer) => reply.readInt32BE(0);

describe.each<UdpSocketKind>(["batched", "dgram"])("the UDP front end on a %s socket", (kind) => {
  it("hands the service what the client said and the address it came from", async () => {
    const { port, announces } = await listen(kind);
    const client = await createClient(port, { from: "127.0.3.4" });
    await client.ask(await client.connect(), announce({ event: 1, numwant: 7 }));
    const { endpoint, ...fields } = announces[0]!;
    expect(fields).toEqual({
      infoHash: INFO_HASH,
      peerId: "-lt0D80-\x81bcdefghijkl",
      key: "5fa3b2c1",
      announceKey: "",
      event: "completed",
      left: 9,
      otherEndpoint: undefined,
      reach: "ipv4",
      uploaded: 8,
      downloaded: 7,
      numwant: 7,
    });
    expect(hostAddressText(hostOf(endpoint))).toBe("127.0.3.4");
    expect(portOf(endpoint)).toBe(6922);
  });

  it("answers a connect with its transaction, and announces with interval, counts and peers", async () => {
    const { port } = await listen(kind);
    const client = await createClient(port);
    const connected = await client.ask(MAGIC, head(0, 77));
    expect([connected.length, actionOf(connected), connected.readInt32BE(4)]).toEqual([16, 0, 77]);
    const reply = await client.ask(connected.subarray(8), announce({ transaction: -3 }));
    expect(reply.toString("hex")).toBe(integers(1, -3, 15, 4, 3).toString("hex") + "0a0100001ae1" + "0a0100011ae1");
  });

  it("speaks IPv6, and to IPv4 on the same socket as IPv4", async () => {
    const { port, announces } = await listen(kind, { host: "::" });
    const six = await createClient(port, { host: "::1" });
    const reply = await six.ask(await six.connect(), announce());
    expect(reply.subarray(20).toString("latin1")).toBe(`${peers[0]!.v6}${peers[1]!.v6}`);
    const four = await createClient(port, { host: "127.0.0.1" });
    const fourReply = await four.ask(await four.connect(), announce());
    expect(fourReply.subarray(20).toString("latin1")).toBe(`${peers[0]!.v4}${peers[1]!.v4}`);
    const hosts = announces.map(({ endpoint }) => hostAddressText(hostOf(endpoint)));
    expect(hosts).toEqual(["::1", "127.0.0.1"]);
    expect(announces.map(({ reach }) => reach)).toEqual(["ipv6", "ipv4"]);
  });

  it("asks for no more peers than a datagram holds, and sends no more", async () => {
    const all: ServiceReply = { ...PEERS, handout: handoutOf(peers) };
    const { port, announces } = await listen(kind, { host: "::", answer: () => all });
    const four = await createClient(port);
    expect(await four.ask(await four.connect(), announce())).toHaveLength(20 + 242 * 6);
    const six = await createClient(port, { host: "::1" });
    expect(await six.ask(await six.connect(), announce({ numwant: 1000 }))).toHaveLength(20 + 79 * 18);
    expect(announces.map(({ numwant }) => numwant)).toEqual([242, 79]);
  });

  it("answers when the service takes its time, each client what it asked", async () => {
    const answer = async ({ endpoint }: ClientAnnounce): Promise<ServiceReply> => {
      const at = portOf(endpoint);
      await delay(60 - at * 10);
      if (at === 4) throw new UnavailableError("come again");
      return { ...PEERS, intervalSeconds: at };
    };
    const { port, errors } = await listen(kind, { answer });
    const clients = await Promise.all([1, 2, 3, 4].map(() => createClient(port)));
    const replies = await Promise.all(
      clients.map(async (client, index) => {
        const at = index + 1;
        return client.ask(await client.connect(), announce({ transaction: at * 100, port: at }));
      }),
    );
    expect(replies.slice(0, 3).map((reply) => [reply.readInt32BE(4), reply.readInt32BE(8)])).toEqual([
      [100, 1],
      [200, 2],
      [300, 3],
    ]);
    expect([actionOf(replies[3]!), replies[3]!.readInt32BE(4), textOf(replies[3]!)]).toEqual([3, 400, "come again"]);
    expect(errors).toEqual([]);
  });

  it("answers all of a burst", async () => {
    const { port, announces } = await listen(kind);
    const client = await createClient(port);
    const id = await client.connect();
    for (let number = 0; number < 200; number++) client.send(id, announce({ transaction: number, port: 1 + number }));
    await expect.poll(() => client.replies.length, { timeout: 5000 }).toBe(200);
    expect(new Set(client.replies.map((reply) => reply.readInt32BE(4))).size).toBe(200);
    expect(announces.map(({ endpoint }) => portOf(endpoint)).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 200 }, (_, index) => index + 1),
    );
  });

  it("answers a scrape", async () => {
    const { port } = await listen(kind);
    const client = await createClient(port);
    const reply = await client.ask(await client.connect(), head(2, 6), Buffer.alloc(40, 0xaa));
    expect(reply).toEqual(integers(2, 6, 1, 3, 2, 1, 3, 2));
  });

  it("tells failures, of the service and inside, as errors", async () => {
    const inactive = await listen(kind, { answer: () => ({ kind: "failure", reason: "inactive transfer" }) });
    const client = await createClient(inactive.port);
    const reply = await client.ask(await client.connect(), announce());
    expect([actionOf(reply), reply.readInt32BE(4), textOf(reply)]).toEqual([3, 5, "inactive transfer"]);
    const broken = await listen(kind, {
      answer: () => {
        throw new Error("broken");
      },
    });
    const other = await createClient(broken.port);
    expect(textOf(await other.ask(await other.connect(), announce()))).toContain("internal error");
    expect(broken.errors).toHaveLength(1);
  });

  it("reads the options of BEP 41, and refuses such as are longer than the packet", async () => {
    const { port, announces, faults } = await listen(kind);
    const client = await createClient(port);
    const id = await client.connect();
    expect(actionOf(await client.ask(id, announce(), Buffer.from("\x02\x0d/announce/key\x01\x00")))).toBe(1);
    expect(textOf(await client.ask(id, announce(), Buffer.from("\x02\xff/announce", "latin1")))).toContain("option");
    expect(announces).toMatchObject([{ announceKey: "key" }]);
    expect(faults.get("udp-bad-options")).toBe(1);
  });

  it.each([
    ["\x02\x10/announce/k?a=/b", "k"],
    ["\x02\x0c/announce/k\xff\x02\x05ey?ab", "k\xffey"],
    ["\x02\x09/announce", ""],
    ["\x02\x0a/announce/", ""],
    ["\x02\x0e/elsewhere/key", ""],
    ["\x07\x02no", ""],
  ])("takes from options such as %j the announce key %j, and none where keys are not looked at", async (text, key) => {
    for (const readsKeys of [true, false]) {
      const { port, announces } = await listen(kind, { readsKeys });
      const client = await createClient(port);
      await client.ask(await client.connect(), announce(), Buffer.from(text, "latin1"));
      expect(announces).toMatchObject([{ announceKey: readsKeys ? key : "" }]);
    }
  });

  it.each<[string, string, (id: Buffer) => Buffer[]]>([
    ["an event", "udp-bad-announce", (id) => [id, announce({ event: 9 })]],
    ["an amount", "udp-bad-announce", (id) => [id, announce({ left: 1n << 60n })]],
    ["a port", "udp-bad-announce", (id) => [id, announce({ port: 0 })]],
    ["a short announce", "udp-short-announce", (id) => [id, announce().subarray(0, -1)]],
    ["an unknown action", "udp-unknown-action", (id) => [id, head(4, 5)]],
    ["half an info-hash", "udp-bad-scrape", (id) => [id, head(2, 5), Buffer.alloc(10)]],
  ])("refuses %s in words, and counts it", async (_, fault, packet) => {
    const { port, faults, announces } = await listen(kind);
    const client = await createClient(port);
    const reply = await client.ask(...packet(await client.connect()));
    expect([actionOf(reply), reply.readInt32BE(4)]).toEqual([3, 5]);
    expect(faults.get(fault)).toBe(1);
    expect(announces).toEqual([]);
  });

  it("gives who has not connected no more bytes than he sent, and says nothing to what is no packet", async () => {
    const { port, faults, announces } = await listen(kind);
    const client = await createClient(port);
    const stranger = Buffer.alloc(8, 1);
    const reply = await client.ask(stranger, announce());
    expect([actionOf(reply), textOf(reply)]).toEqual([3, "connection id out of date"]);
    expect(reply.length).toBeLessThan(98);
    for (const packet of [Buffer.alloc(0), Buffer.alloc(15), Buffer.concat([stranger, head(0, 1)])]) {
      client.send(packet);
    }
    client.send(stranger, head(1, 1));
    client.send(stranger, head(9, 1));
    await delay(SILENT_MS);
    expect(client.replies).toEqual([]);
    expect(announces).toEqual([]);
    expect(Object.fromEntries(faults)).toEqual({
      "udp-bad-connection-id": 3,
      "udp-bad-connect": 1,
      "udp-short-packet": 2,
    });
  });

  it("takes no connection id from another address", async () => {
    const { port } = await listen(kind);
    const one = await createClient(port, { from: "127.0.0.1" });
    const other = await createClient(port, { from: "127.0.0.2" });
    const id = await one.connect();
    expect(actionOf(await other.ask(id, announce()))).toBe(3);
    expect(actionOf(await one.ask(id, announce()))).toBe(1);
  });

  it("turns hosts away that are not allowed", async () => {
    const { port, faults } = await listen(kind, { allowCidrs: ["127.0.0.2"] });
    const one = await createClient(port, { from: "127.0.0.1" });
    expect(textOf(await one.ask(await one.connect(), announce()))).toContain("ALLOW_CIDRS");
    const other = await createClient(port, { from: "127.0.0.2" });
    expect(actionOf(await other.ask(await other.connect(), announce()))).toBe(1);
    expect(faults.get("udp-not-allowed")).toBe(1);
  });

  it("answers the next when a client is gone", async () => {
    const { port, errors } = await listen(kind);
    const gone = createSocket("udp4");
    gone.bind(0, "127.0.0.1");
    await once(gone, "listening");
    gone.send(Buffer.concat([MAGIC, head(0, 1)]), port, "127.0.0.1", () => gone.close());
    await once(gone, "close");
    const client = await createClient(port);
    expect(actionOf(await client.ask(await client.connect(), announce()))).toBe(1);
    expect(errors).toEqual([]);
  });

  it("lets go of its port when it is closed, though an answer is awaited", async () => {
    const waiting = Promise.withResolvers<ServiceReply>();
    const asked = Promise.withResolvers<void>();
    const { port } = await listen(kind, { answer: () => (asked.resolve(), waiting.promise) });
    const client = await createClient(port);
    client.send(await client.connect(), announce());
    await asked.promise;
    await open.shift()!.close();
    waiting.resolve(PEERS);
    const again = createSocket("udp4");
    onTestFinished(() => void again.close());
    again.bind(port, "127.0.0.1");
    await once(again, "listening");
    await delay(20);
    expect(client.replies).toEqual([]);
  });

  it("says by the system's code that a port is taken, or an address not of this machine", async () => {
    const { port } = await listen(kind);
    const parts = { host: "127.0.0.1", port, answer: () => 0, onError: () => {} };
    await expect(openUdpSocket(kind, parts)).rejects.toMatchObject({ code: "EADDRINUSE" });
    await expect(openUdpSocket(kind, { ...parts, host: "192.0.2.1" })).rejects.toMatchObject({
      code: "EADDRNOTAVAIL",
    });
  });
});
