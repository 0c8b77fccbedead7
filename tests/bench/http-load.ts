// Announces over HTTP as fast as they are answered, a given number of them; prints the seconds it took. A process of its own.
import { connect, type Socket } from "node:net";
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
let toSend = Number(values.requests);

/** Every host announces from an address of its own. */
function hostOf(index: number): string {
  return `127.1.${(index >> 8) & 255}.${index & 255 || 1}`;
}

function requestOf(index: number): string {
  const query = `info_hash=${infoHash}&peer_id=-LT2080-${String(index).padStart(12, "0")}&port=6881&key=0a0b0c0d`;
  const connection = values["keep-alive"] ? "keep-alive" : "close";
  const numbers = "uploaded=0&downloaded=0&left=1000&compact=1&numwant=50";
  return `GET /announce?${query}&${numbers} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: ${connection}\r\n\r\n`;
}

function open(index: number): Socket {
  return connect({ host: "127.0.0.1", port: Number(values.port), localAddress: hostOf(index), noDelay: true });
}

function check(reply: string): void {
  if (!/^HTTP\/1\.[01] 200 /.test(reply) || !reply.includes("8:intervali"))
    throw new Error(`no answer to an announce: ${reply.slice(0, 300)}`);
}

function isWhole(reply: string): boolean {
  const head = reply.indexOf("\r\n\r\n");
  const length = /^content-length: *(\d+)/im.exec(reply)?.[1];
  return head >= 0 && length !== undefined && reply.length >= head + 4 + Number(length);
}

/** One connection, a request after the other. */
function keepAsking(index: number): Promise<void> {
  const socket = open(index).setEncoding("latin1");
  const request = requestOf(index);
  let reply = "";
  const ask = () => {
    reply = "";
    if (toSend-- > 0) socket.write(request);
    else socket.end();
  };
  return new Promise((resolve, reject) => {
    socket.on("connect", ask);
    socket.on("data", (chunk: string) => {
      reply += chunk;
      if (!isWhole(reply)) return;
      check(reply);
      ask();
    });
    socket.on("error", reject).on("close", () => resolve());
  });
}

/** A new connection for each request. */
async function askAnew(first: number): Promise<void> {
  for (let index = first; toSend-- > 0; index = (index + 7) % hosts) await askOnce(index);
}

function askOnce(index: number): Promise<void> {
  const socket = open(index).setEncoding("latin1");
  let reply = "";
  socket.on("connect", () => socket.write(requestOf(index)));
  socket.on("data", (chunk: string) => (reply += chunk));
  return new Promise((resolve, reject) => {
    socket.on("error", reject).on("close", () => {
      check(reply);
      resolve();
    });
  });
}

const started = performance.now();
const run = values["keep-alive"] ? keepAsking : askAnew;
await Promise.all(Array.from({ length: Number(values.connections) }, (_, index) => run(index * 61)));
console.log((performance.now() - started) / 1000);
