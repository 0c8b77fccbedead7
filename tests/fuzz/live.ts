// Fuzzes the live channel: every request is acknowledged, or refused and counted, and nobody is told but of what he follows.
import { createServer } from "node:http";
import { createLiveFrontend } from "../../tracker/src/frontends/live/live-frontend.ts";
import { createUpgrades } from "../../tracker/src/frontends/upgrades.ts";
import { createMemoryDirectory } from "../../tracker/src/live/memory-directory.ts";
import { createFuzzRun, type FuzzOptions, type FuzzReport, type FuzzRun } from "./fuzz-run.ts";
import { type JsonObject, jsonTokens, parsedObject, strangeText } from "./json-mutation.ts";
import type { FuzzClient } from "./websocket-clients.ts";
import { OPCODE } from "./websocket-frames.ts";
import {
  fuzzWebsocket,
  type HeardFrame,
  type SentMessage,
  type WebsocketFuzz,
  type WebsocketProtocol,
} from "./websocket-fuzz.ts";

const PATH = "/live";
const LIMITS = { hashesPerConnection: 60, connections: 100, connectionsPerHost: 100 };
const HASHES = Array.from({ length: 40 }, (_, index) => String(index).padStart(64, index % 2 === 0 ? "a" : "F"));
const ACTIONS = ["announce", "unannounce", "subscribe", "unsubscribe"];
/** A refusal names no more of a request than its message id. */
const MOST_TEXT_BYTES = 1200;
const PROOFS = 16;
const EVENT = /^\{"action":"(?:un)?announce","peer":"[0-9a-f]{64}","info_hash":"[0-9a-f]{64}"\}$/;
/** From the end of an event. */
const HASH_AT = 66;
const PEER = /^[0-9a-f]{64}$/;

/** Throws an `Error` that shows the input at the first fault. */
export async function fuzzLive(options: FuzzOptions): Promise<FuzzReport> {
  return fuzzWebsocket(openLive(createFuzzRun("live", options)), options);
}

export function openLive(run: FuzzRun): WebsocketFuzz {
  const directory = createMemoryDirectory();
  const frontend = createLiveFrontend({
    ...run,
    directory,
    limits: LIMITS,
    hostOf: ({ socket }) => socket.remoteAddress,
  });
  const upgrades = createUpgrades();
  upgrades.register(PATH, frontend.handleUpgrade);
  const server = createServer((_, response) => response.writeHead(404, { "Content-Length": 0 }).end());
  server.on("upgrade", upgrades.handle);
  async function close(): Promise<void> {
    const { rooms } = directory.counts();
    if (rooms > 0) throw run.failure(`${rooms} info-hashes are remembered though nobody is left`);
    await frontend.close();
  }
  return { run, server, protocol: createProtocol(run), tidy: () => undefined, close };
}

function createProtocol(run: FuzzRun): WebsocketProtocol {
  const { chance } = run;
  /** What each client asked to follow since it connected, whether it was let or not. */
  const followed = new Map<FuzzClient, Set<string>>();
  let requests = 0;

  function message(): string {
    const infoHashes = Array.from({ length: chance.percent(95) ? 1 + chance.below(3) : chance.below(70) }, () =>
      chance.pick(HASHES),
    );
    const names = chance.percent(90) ? { infoHashes } : { info_hashes: infoHashes };
    return strangeText(chance, { messageID: `m${++requests}`, action: chance.pick(ACTIONS), ...names });
  }

  function judge(sent: SentMessage, heard: readonly HeardFrame[]): void {
    const request = requestOf(sent.bytes);
    // A broken frame may still be a whole one.
    if (sent.kind === "text" || sent.kind === "broken") noteFollowed(sent.from, request);
    const texts = heard
      .filter(({ opcode }) => opcode === OPCODE.text)
      .map((frame) => ({ ...frame, text: frame.payload.toString() }));
    for (const { by, text } of texts) {
      if (text.length > MOST_TEXT_BYTES) throw run.failure(`a text has ${text.length} characters`);
      if (EVENT.test(text)) judgeEvent(by, text);
      else if (by !== sent.from) throw run.failure(`another client is told ${text}`);
    }
    const replies = texts.filter(({ text }) => !EVENT.test(text)).map(({ text }) => text);
    for (const reply of replies) run.note(replyKind(reply));
    if (sent.kind === "text" && sent.from.isOpen) judgeReplies(sent, request, replies);
  }

  /** One for each message; the proof is answered by the peer's id. */
  function judgeReplies(sent: SentMessage, request: JsonObject | undefined, replies: readonly string[]): void {
    const [reply = "", ...more] = replies;
    if (more.length > 0 || reply === "")
      throw run.failure(`a message has ${replies.length} replies: ${replies.join(" ")}`);
    if (PEER.test(reply)) return;
    if (request === undefined ? isRefusal(reply) : isReplyTo(request, reply)) {
      if (isRefusal(reply) === sent.counted() > 0) return;
      throw run.failure(`${sent.counted()} faults are counted, and the reply is ${reply}`);
    }
    throw run.failure(`the reply is ${reply}`);
  }

  function judgeEvent(by: FuzzClient, text: string): void {
    run.note("event");
    if (followed.get(by)?.has(text.slice(-HASH_AT, -2)) !== true)
      throw run.failure(`a client is told of what it does not follow: ${text}`);
  }

  function noteFollowed(from: FuzzClient, request: JsonObject | undefined): void {
    if (request?.["action"] !== "subscribe" && request?.["action"] !== "unsubscribe") return;
    const hashes = followed.get(from) ?? new Set();
    followed.set(from, hashes);
    for (const hash of hashesOf(request)) {
      if (request["action"] === "subscribe") hashes.add(hash);
      else hashes.delete(hash);
    }
  }

  return {
    path: PATH,
    hostOf: (index) => `10.0.${index % 2}.${index % 5}`,
    greeting: ({ index }) =>
      chance.percent(3)
        ? chance.pick(["", "x".repeat(64), "X".repeat(64), "{}"])
        : proofOf(chance.percent(1) ? 0 : index),
    message,
    tokens: jsonTokens(["infoHashes", "messageID", "action"]),
    judge,
    isAnswered: ({ kind, from }, heard) =>
      kind !== "text" ||
      heard.some(({ by, opcode, payload }) => by === from && opcode === OPCODE.text && !EVENT.test(payload.toString())),
    onGone: (client) => void followed.delete(client),
  };
}

/** Some clients have the same, and the later one takes the place of the other. */
function proofOf(index: number): string {
  return String(index % PROOFS).padStart(64, "p");
}

function isRefusal(reply: string): boolean {
  return reply.startsWith('{"messageID":') && reply.includes(',"status":"error","reason":"');
}

/** Sound requests are refused only for being too many. */
function isReplyTo({ messageID, action }: JsonObject, reply: string): boolean {
  const isDone = reply === JSON.stringify({ messageID, action, status: "ok" });
  return (
    isDone || reply.startsWith(`{"messageID":${JSON.stringify(messageID)},"status":"error","reason":"a connection may`)
  );
}

function replyKind(reply: string): string {
  if (PEER.test(reply)) return "reply: peer id";
  return reply.includes('"status":"ok"') ? "reply: ok" : "reply: error";
}

/** A request that is sound, by ops/docs/live.md. */
function requestOf(bytes: Buffer): JsonObject | undefined {
  const request = parsedObject(bytes);
  if (request === undefined) return undefined;
  const { messageID, action } = request;
  const isNamed = typeof messageID === "string" && messageID.length >= 1 && messageID.length <= 128;
  const hashes = request["infoHashes"] === undefined ? request["info_hashes"] : request["infoHashes"];
  if (!isNamed || !ACTIONS.includes(action as string) || !Array.isArray(hashes)) return undefined;
  const isSound =
    hashes.length >= 1 &&
    hashes.length <= 1000 &&
    hashes.every((hash) => typeof hash === "string" && /^[0-9a-f]{64}$/i.test(hash));
  return isSound ? request : undefined;
}

function hashesOf(request: JsonObject): string[] {
  const hashes = (request["infoHashes"] ?? request["info_hashes"]) as readonly string[];
  return hashes.map((hash) => hash.toLowerCase());
}
