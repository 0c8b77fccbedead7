// Announces over HTTP for some seconds, as fast as they are answered or at a given rate; prints a report as JSON. A process of its own.
import { connect } from "node:net";
import { parseArgs } from "node:util";
import { HOSTS, hostOf } from "./fleet.ts";

export interface HttpReport {
  readonly answers: number;
  readonly seconds: number;
  /** Heads included. */
  readonly replyBytes: number;
}

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "" },
    "info-hash": { type: "string", default: "" },
    seconds: { type: "string", default: "1" },
    connections: { type: "string", default: "32" },
    "keep-alive": { type: "string", default: "no" },
    /** Most a second over all kept connections; 0 for as fast as they are answered. */
    rate: { type: "string", default: "0" },
  },
});
const rate = Number(values.rate);
const keepAlive = values["keep-alive"] === "yes";
const infoHash = values["info-hash"].replace(/../g, "%$&");
/** One for all connections: an answer is read in the very event that it comes in. */
const received = Buffer.allocUnsafeSlow(65_536);
const port = Number(values.port);

function requestOf(index: number): Buffer {
  const query = `info_hash=${infoHash}&peer_id=-LT2080-${String(index).padStart(12, "0")}&port=6881&key=0a0b0c0d`;
  const connection = keepAlive ? "keep-alive" : "close";
  const numbers = "uploaded=0&downloaded=0&left=1000&compact=1&numwant=50";
  return Buffer.from(
    `GET /announce?${query}&${numbers} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: ${connection}\r\n\r\n`,
  );
}

/** The length of the whole answer when the first `count` bytes received hold its head; 0 for less than that. */
function lengthOfAnswer(count: number): number {
  const head = received.toString("latin1", 0, Math.min(count, 400));
  const end = head.indexOf("\r\n\r\n");
  if (end < 0) return 0;
  const length = /content-length: *(\d+)/i.exec(head)?.[1];
  const isAnswer = head.startsWith("HTTP/1.") && head.startsWith(" 200 ", 8) && head.includes("8:interval", end);
  if (length === undefined || !isAnswer) throw new Error(`no answer to an announce: ${head}`);
  return end + 4 + Number(length);
}

/** Asks until the answers are enough or the time is over; resolves when the connection is closed. */
function ask(index: number, enough: number): Promise<void> {
  const request = requestOf(index);
  const isDone = () => --enough <= 0 || performance.now() >= endsAt;
  let missing = 0;
  const callback = (count: number) => {
    replyBytes += count;
    missing = (missing === 0 ? lengthOfAnswer(count) : missing) - count;
    if (missing > 0) return true;
    missing = 0;
    answers++;
    if (!isDone()) whenDue(() => socket.write(request));
    else if (keepAlive) socket.end();
    return true;
  };
  const onread = { buffer: received, callback };
  const socket = connect({ host: "127.0.0.1", port, localAddress: hostOf(index), noDelay: true, onread });
  socket.once("connect", () => socket.write(request));
  return new Promise((resolve, reject) => void socket.on("error", reject).on("close", () => resolve()));
}

function whenDue(send: () => void): void {
  const waitMs = rate === 0 ? 0 : startedAt + (1000 * answers) / rate - performance.now();
  if (waitMs < 1) send();
  else setTimeout(send, waitMs);
}

/** A new connection for each request, which the server ends. */
async function askAnew(first: number): Promise<void> {
  for (let index = first; performance.now() < endsAt; index = (index + 7) % HOSTS) {
    const before = replyBytes;
    await ask(index, 1);
    if (replyBytes === before) throw new Error("a connection was closed without an answer");
  }
}

let [answers, replyBytes] = [0, 0];
const startedAt = performance.now();
const endsAt = startedAt + Number(values.seconds) * 1000;
const run = (first: number) => (keepAlive ? ask(first, Number.POSITIVE_INFINITY) : askAnew(first));
await Promise.all(Array.from({ length: Number(values.connections) }, (_, index) => run((index * 61) % HOSTS)));
const seconds = (performance.now() - startedAt) / 1000;
console.log(JSON.stringify({ answers, seconds, replyBytes: replyBytes / answers } satisfies HttpReport));
