// A sample of the fuzzers' inputs over real TCP connections: each is answered soundly and ended in time, and the server lives on.
import { once } from "node:events";
import type { Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { createFuzzRun, type FuzzOptions, type FuzzReport, type FuzzRun } from "./fuzz-run.ts";
import { createHttpServer, HTTP_HOSTS } from "./http-answers.ts";
import { createHttpInputs } from "./http-inputs.ts";
import { readResponses } from "./http-response.ts";
import { openLive } from "./live.ts";
import { MemorySocket } from "./memory-socket.ts";
import { openWebtorrent } from "./webtorrent.ts";
import { handshake } from "./websocket-clients.ts";
import { createShapes, type WebsocketFuzz } from "./websocket-fuzz.ts";
import { clientFrame, OPCODE, readServerFrames } from "./websocket-frames.ts";
import { createFuzzWorld } from "./world.ts";

interface TcpFuzz {
  readonly run: FuzzRun;
  readonly server: Server;
  readonly next: () => Buffer;
  /** Throws for what is no answer of the protocol. */
  readonly read: (answer: Buffer, input: Buffer) => void;
}

const AT_ONCE = 20;
/** Longer than a refused client may linger. */
const PATIENCE_MS = 15_000;
const MESSAGES = 6;
const END_OF_HEAD = Buffer.from("\r\n\r\n");

export async function fuzzHttpTcp(options: FuzzOptions): Promise<FuzzReport> {
  const run = createFuzzRun("http-tcp", options);
  const world = await createFuzzWorld(run);
  const inputs = createHttpInputs({ ...run, hosts: HTTP_HOSTS.length });
  const read = (answer: Buffer, input: Buffer) => void readResponses(answer, input.includes("HEAD "));
  const server = createHttpServer(run, world);
  const report = await fuzzTcp({ run, server, read, next: () => inputs().bytes }, options);
  await world.close();
  return report;
}

export async function fuzzWebsocketTcp(name: "webtorrent" | "live", options: FuzzOptions): Promise<FuzzReport> {
  const run = createFuzzRun(`${name}-tcp`, options);
  const opened = await (name === "live" ? openLive(run) : openWebtorrent(run));
  const next = createStreams(opened);
  const report = await fuzzTcp({ run, server: opened.server, next, read: readWebsocket }, options);
  await opened.close();
  return report;
}

/** What one client sends from its handshake on. */
function createStreams({ run, protocol }: WebsocketFuzz): () => Buffer {
  const shapes = createShapes(run, protocol);
  return () => {
    const index = run.chance.below(16);
    const socket = new MemorySocket({ remoteAddress: "", remotePort: 0 });
    const client = { index, socket, isOpen: true };
    const frames = Array.from({ length: MESSAGES }, () => shapes(client).frames);
    const greeting =
      protocol.greeting === undefined ? [] : [clientFrame(OPCODE.text, Buffer.from(protocol.greeting(client)))];
    return Buffer.concat([handshake(protocol.path), ...greeting, ...frames]);
  };
}

function readWebsocket(answer: Buffer): void {
  const end = answer.indexOf(END_OF_HEAD);
  if (end < 0 || !answer.toString("latin1").startsWith("HTTP/1.1 101 "))
    throw new Error("the handshake is not answered");
  readServerFrames(answer.subarray(end + END_OF_HEAD.length));
}

async function fuzzTcp({ run, server, next, read }: TcpFuzz, { inputs }: FuzzOptions): Promise<FuzzReport> {
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  for (let done = 0; done < inputs; done += AT_ONCE) {
    const batch = Array.from({ length: Math.min(AT_ONCE, inputs - done) }, next);
    const answers = await Promise.all(batch.map((input) => converse(run, port, input)));
    for (const [index, input] of batch.entries()) {
      const answer = answers[index] ?? Buffer.alloc(0);
      run.begin(input);
      run.noteReply(answer.length);
      run.note(answer.length === 0 ? "silence" : "answered");
      try {
        if (answer.length > 0) read(answer, input);
      } catch (error) {
        throw run.failure(`${String(error)}: ${JSON.stringify(answer.toString("latin1"))}`);
      }
      run.end();
    }
    run.takeStock();
  }
  server.close();
  await once(server, "close");
  return run.report();
}

/** Says all and its end at once, and reads until the other end; a connection that is cut off has said enough. */
async function converse(run: FuzzRun, port: number, input: Buffer): Promise<Buffer> {
  const socket = connect({ host: "127.0.0.1", port });
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => void chunks.push(chunk));
  socket.on("error", () => undefined);
  socket.end(input);
  const isLate = await Promise.race([
    once(socket, "close").then(() => false),
    new Promise<boolean>((resolve) => void setTimeout(resolve, PATIENCE_MS, true).unref()),
  ]);
  if (isLate) throw run.failure(`the connection is not ended within ${PATIENCE_MS} ms`, input);
  return Buffer.concat(chunks);
}
