// Announces over HTTP as fast as they are answered, a given number of them; prints the seconds it took. A process of its own.
import { connect } from "node:net";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "" },
    "info-hash": { type: "string", default: "" },
    requests: { type: "string", default: "1000" },
    connections: { type: "string", default: "32" },
    "keep-alive": { type: "boolean", default: false },
  },
});
const hosts = 2000;
const infoHash = values["info-hash"].replace(/../g, "%$&");
/** One for all connections: an answer is read in the very event that it comes in. */
const received = Buffer.allocUnsafeSlow(65_536);
const port = Number(values.port);
let toSend = Number(values.requests);

/** Every host announces from an address of its own. */
function hostOf(index: number): string {
  return `127.1.${(index >> 8) & 255}.${index & 255 || 1}`;
}

function requestOf(index: number): Buffer {
  const query = `info_hash=${infoHash}&peer_id=-LT2080-${String(index).padStart(12, "0")}&port=6881&key=0a0b0c0d`;
  const connection = values["keep-alive"] ? "keep-alive" : "close";
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

/** Asks until `isEnough` after an answer; returns how many answers came before the connection was closed. */
function ask(index: number, isEnough: () => boolean): Promise<number> {
  const request = requestOf(index);
  let answers = 0;
  let missing = 0;
  const callback = (count: number) => {
    missing = (missing === 0 ? lengthOfAnswer(count) : missing) - count;
    if (missing > 0) return true;
    missing = 0;
    answers++;
    if (!isEnough()) socket.write(request);
    else if (values["keep-alive"]) socket.end();
    return true;
  };
  const onread = { buffer: received, callback };
  const socket = connect({ host: "127.0.0.1", port, localAddress: hostOf(index), noDelay: true, onread });
  socket.once("connect", () => socket.write(request));
  return new Promise((resolve, reject) => void socket.on("error", reject).on("close", () => resolve(answers)));
}

/** One connection, a request after the other. */
async function keepAsking(index: number): Promise<void> {
  if (toSend-- > 0) await ask(index, () => toSend-- <= 0);
}

/** A new connection for each request, which the server ends. */
async function askAnew(first: number): Promise<void> {
  for (let index = first; toSend-- > 0; index = (index + 7) % hosts) {
    const answers = await ask(index, () => true);
    if (answers !== 1) throw new Error(`a connection for one request had ${answers} answers`);
  }
}

const started = performance.now();
const run = values["keep-alive"] ? keepAsking : askAnew;
await Promise.all(Array.from({ length: Number(values.connections) }, (_, index) => run((index * 61) % hosts)));
console.log((performance.now() - started) / 1000);
