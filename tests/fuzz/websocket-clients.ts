// Clients of a WebSocket front end, in memory: connected through node:http as everybody is, and what each was sent, frame by frame.
import type { Server } from "node:http";
import type { FuzzRun } from "./fuzz-run.ts";
import { MemorySocket } from "./memory-socket.ts";
import { OPCODE, readServerFrames, type ServerFrame } from "./websocket-frames.ts";

export interface FuzzClient {
  /** The same for whoever connects in its place. */
  readonly index: number;
  readonly socket: MemorySocket;
  isOpen: boolean;
}

export interface ClientPlaces {
  readonly server: Server;
  readonly path: string;
  readonly count: number;
  readonly hostOf: (index: number) => string;
}

const SWITCHED = "HTTP/1.1 101 Switching Protocols\r\n";
const END_OF_HEAD = "\r\n\r\n";

export function handshake(path: string): Buffer {
  const key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";
  return Buffer.from(`GET ${path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${key}\r\n`);
}

/** Not connected yet: the answer to the handshake comes a turn later. */
export function connectInMemory({ server, path, hostOf }: ClientPlaces, index: number, request = handshake(path)) {
  const socket = new MemorySocket({ remoteAddress: hostOf(index), remotePort: 10_000 + index });
  server.emit("connection", socket);
  socket.push(request);
  return socket;
}

/** Throws when it was not let in. */
export function openedClient(run: FuzzRun, index: number, socket: MemorySocket): FuzzClient {
  const bytes = socket.takeWritten();
  const end = bytes.indexOf(END_OF_HEAD) + END_OF_HEAD.length;
  const answer = bytes.toString("latin1", 0, end);
  // A ping may be behind it.
  if (answer.startsWith(SWITCHED) && readServerFrames(bytes.subarray(end)).length <= 1)
    return { index, socket, isOpen: true };
  throw run.failure(`a handshake is answered by ${JSON.stringify(answer)}`);
}

/** What came since the last call. A client that is told to close, or is cut off, is open no more. */
export function takeFrames(run: FuzzRun, client: FuzzClient): ServerFrame[] {
  const written = client.socket.takeWritten();
  if (client.socket.destroyed) client.isOpen = false;
  if (written.length === 0) return [];
  run.noteReply(written.length);
  try {
    const frames = readServerFrames(written);
    if (frames.some(({ opcode }) => opcode === OPCODE.close)) client.isOpen = false;
    return frames;
  } catch (error) {
    throw run.failure(`${String(error)}: ${written.toString("hex")}`);
  }
}

/** Its end of the connection; the tracker's ends with it. */
export function hangUp(client: FuzzClient): void {
  client.isOpen = false;
  client.socket.push(null);
  client.socket.destroy();
}
