// The tracker protocol over UDP as a client speaks it (BEP 15), each peer from an address of its own.
import { randomInt } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import {
  compactEndpoints,
  endpointText,
  type FrontendClient,
  type StoryAnnounce,
  type StoryReply,
} from "./frontend-client.ts";

const PROTOCOL_ID = 0x41727101980n;
const [CONNECT, ANNOUNCE, SCRAPE, FAILURE] = [0, 1, 2, 3] as const;
const URL_DATA = 2;
/** 4 is what libtorrent-rasterbar and others send for BEP 21. */
const EVENTS = { none: 0, completed: 1, started: 2, stopped: 3, paused: 4 } as const;
/** BEP 15 begins with 15 s, which is long on a loopback. */
const RETRY_AFTER_MS = 1000;
const MOST_TRIES = 5;

interface Conversation {
  /** Resolves to the answer to a request: what follows its transaction id. */
  ask(action: number, body: Uint8Array): Promise<{ readonly action: number; readonly body: Buffer }>;
  close(): void;
}

export interface UdpClientOptions {
  readonly host: string;
  readonly port: number;
  /** Sent along as the URL's path (BEP 41). */
  readonly announceKey?: string | undefined;
}

export function createUdpClient({ host, port, announceKey }: UdpClientOptions): FrontendClient {
  const options = announceKey === undefined ? Buffer.alloc(0) : urlOption(`/announce/${announceKey}`);
  const conversations = new Map<string, Promise<Conversation>>();

  function conversation(from: string): Promise<Conversation> {
    const known = conversations.get(from) ?? converse({ from, host, port });
    conversations.set(from, known);
    return known;
  }

  return {
    nameOf: (peer) => endpointText(peer.host, peer.port),
    async announce(announce) {
      const { ask } = await conversation(announce.peer.host);
      const { action, body } = await ask(ANNOUNCE, Buffer.concat([announceBody(announce), options]));
      return action === FAILURE ? { kind: "failure", reason: body.toString() } : replyOf(body, host);
    },
    async scrape(infoHash) {
      const { ask } = await conversation(host);
      const { action, body } = await ask(SCRAPE, Buffer.from(infoHash, "hex"));
      if (action === FAILURE) throw new Error(`scrape refused: ${body.toString()}`);
      const [complete, completions, incomplete] = [0, 4, 8].map((at) => body.readUInt32BE(at));
      return { complete: complete!, completions: completions!, incomplete: incomplete! };
    },
    async close() {
      for (const one of conversations.values()) (await one).close();
    },
  };
}

/** With a connection id that was asked for. */
async function converse(place: { from: string; host: string; port: number }): Promise<Conversation> {
  const socket = createSocket(place.from.includes(":") ? "udp6" : "udp4");
  socket.bind(0, place.from);
  await once(socket, "listening");
  const protocol = Buffer.alloc(8);
  protocol.writeBigUInt64BE(PROTOCOL_ID);
  const connected = await exchange(socket, place, { connectionId: protocol, action: CONNECT, body: Buffer.alloc(0) });
  if (connected.action !== CONNECT) throw new Error(`not connected: ${connected.body.toString()}`);
  const connectionId = connected.body.subarray(0, 8);
  return {
    ask: (action, body) => exchange(socket, place, { connectionId, action, body }),
    close: () => socket.close(),
  };
}

async function exchange(
  socket: Socket,
  { host, port }: { host: string; port: number },
  { connectionId, action, body }: { connectionId: Uint8Array; action: number; body: Uint8Array },
): Promise<{ action: number; body: Buffer }> {
  const head = Buffer.alloc(8);
  const transaction = randomInt(2 ** 32);
  head.writeUInt32BE(action, 0);
  head.writeUInt32BE(transaction, 4);
  const packet = Buffer.concat([connectionId, head, body]);
  const answers = new AbortController();
  const answer = answerTo(socket, transaction, answers.signal);
  const resend = setInterval(() => socket.send(packet, port, host), RETRY_AFTER_MS);
  const giveUp = setTimeout(() => answers.abort(new Error("no answer by UDP")), RETRY_AFTER_MS * MOST_TRIES);
  socket.send(packet, port, host);
  return await answer.finally(() => {
    clearInterval(resend);
    clearTimeout(giveUp);
  });
}

function answerTo(socket: Socket, transaction: number, signal: AbortSignal) {
  return new Promise<{ action: number; body: Buffer }>((resolve, reject) => {
    const end = () => socket.off("message", listen);
    const listen = (message: Buffer) => {
      if (message.length < 8 || message.readUInt32BE(4) !== transaction) return;
      end();
      resolve({ action: message.readUInt32BE(0), body: message.subarray(8) });
    };
    socket.on("message", listen);
    signal.addEventListener("abort", () => {
      end();
      reject(signal.reason as Error);
    });
  });
}

/** What follows the transaction id: 82 bytes. */
function announceBody({ infoHash, peer, left, event, numwant }: StoryAnnounce): Buffer {
  const numbers = Buffer.alloc(42);
  numbers.writeBigUInt64BE(BigInt(left), 8);
  numbers.writeUInt32BE(EVENTS[event], 24);
  numbers.writeUInt32BE(peer.key, 32);
  numbers.writeInt32BE(numwant ?? -1, 36);
  numbers.writeUInt16BE(peer.port, 40);
  return Buffer.concat([Buffer.from(infoHash, "hex"), Buffer.from(peer.peerId, "latin1"), numbers]);
}

function urlOption(url: string): Buffer {
  return Buffer.concat([Buffer.from([URL_DATA, url.length]), Buffer.from(url, "latin1")]);
}

function replyOf(body: Buffer, trackerHost: string): StoryReply {
  const peers = compactEndpoints(body.subarray(12), trackerHost.includes(":") ? 16 : 4);
  const [intervalSeconds, incomplete, complete] = [0, 4, 8].map((at) => body.readUInt32BE(at));
  return {
    kind: "peers",
    peers: peers.toSorted(),
    complete: complete!,
    incomplete: incomplete!,
    intervalSeconds: intervalSeconds!,
  };
}
