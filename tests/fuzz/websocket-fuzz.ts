// Fuzzes a WebSocket front end, whichever: a pool of clients that send messages, some mutated, some broken frames; what each hears is judged by its protocol.
import type { Server } from "node:http";
import { type FuzzOptions, type FuzzReport, type FuzzRun, turn } from "./fuzz-run.ts";
import { createMutations } from "./mutation.ts";
import { clientFrame, OPCODE, type ServerFrame } from "./websocket-frames.ts";
import {
  type ClientPlaces,
  connectInMemory,
  type FuzzClient,
  handshake,
  hangUp,
  openedClient,
  takeFrames,
} from "./websocket-clients.ts";

/** One front end's protocol as its clients know it. */
export interface WebsocketProtocol {
  readonly path: string;
  readonly hostOf: (index: number) => string;
  /** What a client sends at first; its answers are judged by `judge`. */
  readonly greeting?: (client: FuzzClient) => string;
  /** The next message of a client. */
  message(client: FuzzClient): string;
  /** Pieces that mean something, for the mutations of bytes. */
  readonly tokens: readonly Buffer[];
  /** Throws for what nobody should have been told. Called once an input, when all has been said. */
  judge(sent: SentMessage, heard: readonly HeardFrame[]): void;
  /** False while more is to be said. */
  readonly isAnswered?: (sent: SentMessage, heard: readonly HeardFrame[]) => boolean;
  onGone(client: FuzzClient): void;
}

export interface SentMessage {
  readonly from: FuzzClient;
  /** `broken` is bytes that may be no frames at all; its connection is not used again. */
  readonly kind: "text" | "binary" | "control" | "broken";
  /** Of a text, for the others empty. */
  readonly bytes: Buffer;
  /** Faults that were counted meanwhile. */
  readonly counted: () => number;
}

export interface HeardFrame extends ServerFrame {
  readonly by: FuzzClient;
}

const POOL = 16;
const MOST_TURNS = 300;
const FLOOD = 400;

export interface WebsocketFuzz {
  readonly run: FuzzRun;
  readonly server: Server;
  readonly protocol: WebsocketProtocol;
  /** Called after every input. */
  readonly tidy: () => void;
  /** Throws for what is left when all clients are gone. */
  readonly close: () => Promise<void>;
}

export async function fuzzWebsocket(
  { run, server, protocol, tidy, close }: WebsocketFuzz,
  { inputs }: FuzzOptions,
): Promise<FuzzReport> {
  const { chance, random } = run;
  const places: ClientPlaces = { server, count: POOL, ...protocol };
  const clients = new Map<number, FuzzClient>();
  const shapes = createShapes(run, protocol);
  const mutateHandshake = createMutations({ random, seeds: [handshake(protocol.path)], tokens: HANDSHAKE_TOKENS });
  let flooding = { client: 0, left: 0 };

  function nextIndex(): number {
    if (flooding.left-- > 0) return flooding.client;
    if (chance.below(20_000) === 0) flooding = { client: chance.below(POOL), left: FLOOD };
    return chance.below(POOL);
  }

  async function clientAt(index: number): Promise<FuzzClient> {
    const known = clients.get(index);
    if (known?.isOpen === true && !known.socket.isPaused()) return known;
    if (known !== undefined) await dismiss(known);
    const socket = connectInMemory(places, index);
    await turn();
    const client = openedClient(run, index, socket);
    clients.set(index, client);
    const greeting = protocol.greeting?.(client);
    if (greeting !== undefined)
      await say(
        { from: client, kind: "text", bytes: Buffer.from(greeting) },
        clientFrame(OPCODE.text, Buffer.from(greeting)),
      );
    return client;
  }

  async function dismiss(client: FuzzClient): Promise<void> {
    hangUp(client);
    await turn();
    protocol.onGone(client);
    for (const frame of hearAll())
      if (frame.by !== client)
        protocol.judge({ from: client, kind: "broken", bytes: NOTHING, counted: () => 0 }, [frame]);
    clients.delete(client.index);
  }

  function hearAll(): HeardFrame[] {
    const heard: HeardFrame[] = [];
    for (const client of clients.values())
      for (const frame of takeFrames(run, client)) heard.push({ ...frame, by: client });
    return heard;
  }

  async function say(message: Omit<SentMessage, "counted">, frames: Buffer): Promise<void> {
    const before = run.faultCount();
    const sent: SentMessage = { ...message, counted: () => run.faultCount() - before };
    const { from } = sent;
    from.socket.push(frames);
    await turn();
    const heard = hearAll();
    const isAnswered = protocol.isAnswered ?? (() => true);
    for (let turns = 0; turns < MOST_TURNS && from.isOpen && !isAnswered(sent, heard); turns++) {
      await turn();
      heard.push(...hearAll());
    }
    protocol.judge(sent, heard);
  }

  async function knock(index: number): Promise<void> {
    const request = mutateHandshake(handshake(protocol.path));
    run.begin(request);
    const socket = connectInMemory(places, index, request);
    await turn();
    const answer = socket.takeWritten();
    run.noteReply(answer.length);
    run.note(`handshake: ${answer.toString("latin1", 9, 12) || "silence"}`);
    socket.destroy();
    await turn();
  }

  for (let done = 0; done < inputs; done++) {
    const index = nextIndex();
    if (chance.percent(1)) await knock(index);
    else {
      const client = await clientAt(index);
      const { message, frames } = shapes(client);
      run.begin(frames);
      run.note(message.kind);
      await say(message, frames);
      if (message.kind === "broken" || !client.isOpen) await dismiss(client);
    }
    tidy();
    run.end();
    run.takeStock();
  }
  for (const client of clients.values()) hangUp(client);
  await turn();
  await close();
  return run.report();
}

const NOTHING = Buffer.alloc(0);
const HANDSHAKE_TOKENS = [
  "\r\n",
  "/",
  "?",
  "Upgrade: x\r\n",
  "Sec-WebSocket-Version: 8\r\n",
  "Sec-WebSocket-Key: x\r\n",
  "POST",
  "\0",
  "HTTP/1.0",
  "Content-Length: 9\r\n",
  "Sec-WebSocket-Extensions: permessage-deflate\r\n",
  "Sec-WebSocket-Protocol: x\r\n",
  "X-Forwarded-For: x\r\n",
].map((text) => Buffer.from(text, "latin1"));
const FRAME_TOKENS = [
  [0],
  [0x80],
  [0x81],
  [0xff],
  [0x7e, 0xff, 0xff],
  [0xff, 0xff, 0xff, 0xff],
  [0xc1],
  [0x88, 0x82, 0, 0, 0, 0, 3, 0xe8],
  [0x89, 0x80],
  [0x01],
  [0x7f],
].map((bytes) => Buffer.from(bytes));

/** How a client puts its next message. */
export function createShapes(run: FuzzRun, protocol: WebsocketProtocol) {
  const { chance, random } = run;
  const mutateBytes = createMutations({ random, seeds: protocol.tokens, tokens: protocol.tokens });
  const mutateFrames = createMutations({ random, seeds: FRAME_TOKENS, tokens: FRAME_TOKENS });

  return (from: FuzzClient): { message: Omit<SentMessage, "counted">; frames: Buffer } => {
    const text = Buffer.from(protocol.message(from));
    const bytes = chance.percent(6) ? mutateBytes(text) : text;
    const frame = clientFrame(OPCODE.text, bytes);
    const shape = chance.below(100);
    const half = chance.below(bytes.length + 1);
    if (shape < 2) return { message: { from, kind: "broken", bytes }, frames: mutateFrames(frame) };
    if (shape < 6) return { message: { from, kind: "binary", bytes }, frames: clientFrame(OPCODE.binary, bytes) };
    if (shape < 7)
      return {
        message: { from, kind: "control", bytes: NOTHING },
        frames: clientFrame(OPCODE.ping, bytes.subarray(0, 125)),
      };
    if (shape > 10) return { message: { from, kind: "text", bytes }, frames: frame };
    const parts = [
      clientFrame(OPCODE.text, bytes.subarray(0, half), false),
      clientFrame(OPCODE.continuation, bytes.subarray(half)),
    ];
    return { message: { from, kind: "text", bytes }, frames: Buffer.concat(parts) };
  };
}
