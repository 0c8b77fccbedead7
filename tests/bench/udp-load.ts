// Announces over UDP for some seconds, as fast as they are answered or at a given rate; prints a report as JSON. A process of its own.
import { parseArgs } from "node:util";
import { ANNOUNCE, ANNOUNCE_BYTES, CONNECT_BYTES, REQUEST } from "../../tracker/src/wire/udp-packets.ts";
import { createBatchClient } from "./batch-client.ts";
import { HOSTS, hostOf } from "./fleet.ts";

export interface UdpReport {
  readonly answers: number;
  readonly seconds: number;
  /** Requests that were not answered in time, and were asked again. */
  readonly lost: number;
  /** The part of the time that the load generator had nothing to do but wait. */
  readonly idle: number;
  readonly replyBytes: number;
  /** Milliseconds; of a run at a given rate. */
  readonly p50: number;
  readonly p99: number;
}

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "" },
    "info-hash": { type: "string", default: "" },
    "peer-id": { type: "string", default: "-LT2080-" },
    seconds: { type: "string", default: "1" },
    rate: { type: "string", default: "0" },
  },
});
const rate = Number(values.rate);
/** As many as the receive buffer of a server with default settings holds. */
const WINDOW = 192;
/** Requests are remembered by the last bits of their number. */
const RING = 1024;
const FREE = -1;
const TIMEOUT_MS = 1000;
const NUMWANT = 50;
const SEEDERS_OF_TEN = 3;
const PAYLOAD = 2 ** 30;
/** What a leecher gets from one of its announces to the next. */
const PROGRESS = 1000;
const [CONNECT_REPLY, ANNOUNCE_REPLY] = [0, 1];
const ANNOUNCE_REPLY_BYTES = 20;

const packets = Buffer.alloc(HOSTS * ANNOUNCE_BYTES);
const hosts = Array.from({ length: HOSTS }, (_, index) => hostOf(index));
const client = createBatchClient({ port: Number(values.port), hosts, packets, packetBytes: ANNOUNCE_BYTES });

interface Exchange {
  readonly requests: number;
  readonly seconds: number;
  readonly requestBytes: number;
  /** Makes the next packet of the host, but for its transaction. */
  prepare(host: number): void;
  take(host: number, at: number, length: number): void;
}

interface Outcome {
  readonly answers: number;
  readonly seconds: number;
  readonly lost: number;
  readonly idle: number;
  readonly latencies: readonly number[];
}

/** Never more than a window of requests waits for an answer. */
function exchange({ requests, seconds, requestBytes, prepare, take }: Exchange): Outcome {
  const waiting = new Int32Array(RING).fill(FREE);
  const sentAt = new Float64Array(RING);
  const latencies: number[] = [];
  const startedAt = performance.now();
  let now = startedAt;
  let [next, answers, lost, idleMs, lastAt] = [0, 0, 0, 0, startedAt];

  const onAnswer = (at: number, length: number) => {
    const transaction = client.view.getInt32(at + 4);
    const place = transaction & (RING - 1);
    if (waiting[place] !== transaction) return;
    waiting[place] = FREE;
    answers++;
    if (rate > 0) latencies.push(now - (sentAt[place] ?? 0));
    take(transaction % HOSTS, at, length);
  };
  const send = (transaction: number) => {
    const place = transaction & (RING - 1);
    waiting[place] = transaction;
    sentAt[place] = now;
    packets.writeInt32BE(transaction, (transaction % HOSTS) * ANNOUNCE_BYTES + REQUEST.transaction);
    client.add(transaction % HOSTS, requestBytes);
  };
  const maySend = () =>
    next < requests && next - answers < WINDOW && waiting[next & (RING - 1)] === FREE && isDue(next, now - startedAt);

  while (answers < requests && now - startedAt < seconds * 1000) {
    for (; maySend(); next++) {
      prepare(next % HOSTS);
      send(next);
    }
    client.flush();
    const before = now;
    const count = client.receive(onAnswer);
    now = performance.now();
    if (count > 0) lastAt = now;
    else idleMs += now - before;
    if (now - lastAt < TIMEOUT_MS) continue;
    lastAt = now;
    for (const transaction of waiting) {
      if (transaction === FREE) continue;
      lost++;
      send(transaction);
    }
  }
  return { answers, seconds: (now - startedAt) / 1000, lost, idle: idleMs / (now - startedAt), latencies };
}

function isDue(transaction: number, elapsedMs: number): boolean {
  return rate === 0 || transaction <= (elapsedMs * rate) / 1000;
}

/** Puts the connection id that it gets into the host's packet. */
function connectAll(): void {
  for (let host = 0; host < HOSTS; host++)
    packets.set([0, 0, 0x04, 0x17, 0x27, 0x10, 0x19, 0x80], host * ANNOUNCE_BYTES);
  const { answers } = exchange({
    requests: HOSTS,
    seconds: 10,
    requestBytes: CONNECT_BYTES,
    prepare: () => undefined,
    take(host, at, length) {
      expectAction(at, length, CONNECT_REPLY, CONNECT_BYTES);
      for (let word = 0; word < 2; word++)
        packets.writeInt32BE(client.view.getInt32(at + 8 + word * 4), host * ANNOUNCE_BYTES + word * 4);
    },
  });
  if (answers < HOSTS) throw new Error(`only ${answers} of ${HOSTS} hosts were connected`);
}

function expectAction(at: number, length: number, action: number, bytes: number): void {
  if (length >= bytes && client.view.getInt32(at) === action) return;
  throw new Error(`an answer of ${length} bytes has the action ${client.view.getInt32(at)}, not ${action}`);
}

function fillAnnounce(host: number): void {
  const at = host * ANNOUNCE_BYTES;
  packets.writeInt32BE(1, at + REQUEST.action);
  packets.write(values["info-hash"], at + ANNOUNCE.infoHash, "hex");
  packets.write(values["peer-id"] + String(host).padStart(12, "0"), at + ANNOUNCE.peerId, "latin1");
  packets.writeInt32BE(host % 10 < SEEDERS_OF_TEN ? 0 : PAYLOAD, at + ANNOUNCE.left + 4);
  packets.writeInt32BE(0x0a0b0c0d, at + ANNOUNCE.key);
  packets.writeInt32BE(NUMWANT, at + ANNOUNCE.numwant);
  packets.writeUInt16BE(6881, at + ANNOUNCE.port);
}

function progress(host: number): void {
  const at = host * ANNOUNCE_BYTES + ANNOUNCE.left + 4;
  const left = packets.readInt32BE(at);
  if (left > PROGRESS) packets.writeInt32BE(left - PROGRESS, at);
}

connectAll();
for (let host = 0; host < HOSTS; host++) fillAnnounce(host);
let replyBytes = 0;
const outcome = exchange({
  requests: 2 ** 31 - 1,
  seconds: Number(values.seconds),
  requestBytes: ANNOUNCE_BYTES,
  prepare: progress,
  take(_host, at, length) {
    expectAction(at, length, ANNOUNCE_REPLY, ANNOUNCE_REPLY_BYTES);
    replyBytes += length;
  },
});
const latencies = outcome.latencies.toSorted((one, other) => one - other);
const latencyAt = (part: number) => latencies[Math.floor(latencies.length * part)] ?? 0;
const { answers, seconds, lost, idle } = outcome;
console.log(
  JSON.stringify({
    answers,
    seconds,
    lost,
    idle,
    replyBytes: replyBytes / answers,
    p50: latencyAt(0.5),
    p99: latencyAt(0.99),
  } satisfies UdpReport),
);
process.exit(0);
