// Holds WebTorrent connections and, when its parent says so, announces over them as fast as it is answered. A process of its own.
import { connect, type Socket } from "node:net";
import { parseArgs } from "node:util";
import { hostOf, HOSTS } from "./fleet.ts";

export interface WebsocketReport {
  readonly answers: number;
  readonly seconds: number;
  /** Offers that were passed on to other connections. */
  readonly offers: number;
  /** Of one processor, 0 to 1. */
  readonly processor: number;
}

/** What the parent asks for, once it was told that all are connected. */
export interface WebsocketTask {
  readonly seconds: number;
  readonly offers: number;
}

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "" },
    "info-hashes": { type: "string", default: "" },
    connections: { type: "string", default: "100" },
  },
});
const port = Number(values.port);
const infoHashes = values["info-hashes"].split(",");
/** Connections that are opened, and announces that wait for an answer, at a time. */
const WINDOW = 64;
const [TEXT_FRAME, LENGTH_16, MASKED] = [0x81, 126, 0x80];
const [PING, PONG_FRAME, CLOSE] = [0x89, 0x8a, 0x88];
/** Of an SDP of a data channel as Chromium and libwebrtc make it, with some candidates. */
const SDP_CHARACTERS = 1000;
const ANSWER = Buffer.from('"interval"');

interface Link {
  readonly index: number;
  readonly socket: Socket;
  /** The beginning of a frame that has not come whole. */
  rest: Buffer;
  onAnswer: (() => void) | undefined;
}

let offers = 0;

/** Masked by nothing: that is allowed, and costs the load generator least. */
function textFrame(text: string): Buffer {
  const bytes = Buffer.from(text);
  const head = bytes.length < LENGTH_16 ? Buffer.alloc(6) : Buffer.alloc(8);
  head[0] = TEXT_FRAME;
  head[1] = MASKED | Math.min(bytes.length, LENGTH_16);
  if (bytes.length >= LENGTH_16) head.writeUInt16BE(bytes.length, 2);
  return Buffer.concat([head, bytes]);
}

function announceOf(index: number, offerCount: number, event?: string): Buffer {
  const infoHash = Buffer.from(infoHashes[index % infoHashes.length] ?? "", "hex").toString("latin1");
  const sdp = "v=0\r\n".padEnd(SDP_CHARACTERS, "a=candidate 127.0.0.1 ");
  const made = Array.from({ length: offerCount }, (_, at) => ({
    offer: { type: "offer", sdp },
    offer_id: `offer-${at}-${index}`.padEnd(20, "0"),
  }));
  const numbers = { uploaded: 0, downloaded: 0, left: 1000, numwant: offerCount };
  const peerId = `-WW0200-${String(index).padStart(12, "0")}`;
  return textFrame(
    JSON.stringify({ action: "announce", info_hash: infoHash, peer_id: peerId, ...numbers, event, offers: made }),
  );
}

function open(index: number): Promise<Link> {
  const socket = connect({ host: "127.0.0.1", port, localAddress: hostOf(index % HOSTS), noDelay: true });
  const link: Link = { index, socket, rest: Buffer.alloc(0), onAnswer: undefined };
  const head = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
  socket.write(`${head}Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n`);
  return new Promise((resolve, reject) => {
    socket.on("error", reject);
    socket.once("close", () => reject(new Error(`connection ${index} was closed at once`)));
    socket.once("data", (data) => {
      if (!data.toString("latin1").startsWith("HTTP/1.1 101")) reject(new Error(data.toString("latin1")));
      socket.on("close", () => {
        throw new Error(`connection ${index} was closed`);
      });
      socket.on("data", (bytes) => read(link, bytes));
      resolve(link);
    });
  });
}

function read(link: Link, bytes: Buffer): void {
  const data = link.rest.length === 0 ? bytes : Buffer.concat([link.rest, bytes]);
  let at = 0;
  while (at + 2 <= data.length) {
    const short = data[at + 1] ?? 0;
    const headBytes = short < LENGTH_16 ? 2 : 4;
    if (at + headBytes > data.length) break;
    const length = short < LENGTH_16 ? short : data.readUInt16BE(at + 2);
    if (at + headBytes + length > data.length) break;
    readFrame(link, data[at] ?? 0, data.subarray(at + headBytes, at + headBytes + length));
    at += headBytes + length;
  }
  link.rest = Buffer.from(data.subarray(at));
}

function readFrame(link: Link, type: number, payload: Buffer): void {
  if (type === PING) return void link.socket.write(Buffer.from([PONG_FRAME, MASKED, 0, 0, 0, 0]));
  if (type === CLOSE) throw new Error(`the server closed: ${payload.toString("latin1", 2)}`);
  if (payload.includes(ANSWER)) return link.onAnswer?.();
  if (payload.includes("offer_id")) offers++;
  else throw new Error(`no answer to an announce: ${payload.toString("latin1", 0, 200)}`);
}

async function announce(link: Link, frame: Buffer): Promise<void> {
  const answered = new Promise<void>((resolve) => (link.onAnswer = resolve));
  link.socket.write(frame);
  await answered;
}

/** Every connection announces once, some at a time; every swarm gets members in turn. */
async function openAll(): Promise<Link[]> {
  const links: Link[] = [];
  let next = 0;
  const openSome = async () => {
    for (let index = next++; index < Number(values.connections); index = next++) {
      const link = await open(index);
      links.push(link);
      await announce(link, announceOf(index, 0, "started"));
    }
  };
  await Promise.all(Array.from({ length: WINDOW }, openSome));
  return links;
}

async function run(links: readonly Link[], task: WebsocketTask): Promise<WebsocketReport> {
  const frames = links.map(({ index }) => announceOf(index, task.offers));
  offers = 0;
  const before = process.cpuUsage();
  const startedAt = performance.now();
  const endsAt = startedAt + task.seconds * 1000;
  let [next, answers] = [Math.floor(Math.random() * links.length), 0];
  const keepAnnouncing = async () => {
    while (performance.now() < endsAt) {
      const at = next++ % links.length;
      const [link, frame] = [links[at], frames[at]];
      if (link !== undefined && frame !== undefined) await announce(link, frame);
      answers++;
    }
  };
  await Promise.all(Array.from({ length: WINDOW }, keepAnnouncing));
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(before);
  return { answers, seconds, offers, processor: (user + system) / 1e6 / seconds };
}

const links = await openAll();
process.on("message", (task: WebsocketTask) => void run(links, task).then((report) => process.send?.(report)));
process.on("disconnect", () => process.exit());
process.send?.("connected");
