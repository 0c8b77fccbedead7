// The live channel (seed 000) over WebSocket: takes connections, limits them, and ends those that fell silent.
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import type { LiveDirectory } from "../../live/directory.ts";
import { type UpgradeHandler, refuseUpgrade } from "../upgrades.ts";
import { createLiveConnection, type LiveConnection, type LiveMishap } from "./live-connection.ts";
import { CLOSE, type LiveLimits, MAX_FRAME_BYTES, PING_EVERY_MS, PROOF_WITHIN_MS } from "./live-limits.ts";
import { createLiveSocket } from "./live-socket.ts";

export interface LiveFrontendOptions {
  readonly directory: LiveDirectory;
  readonly limits: LiveLimits;
  /** The host that asks, in whatever form tells hosts apart; undefined refuses it. */
  readonly hostOf: (request: IncomingMessage) => string | undefined;
  readonly elapsed: () => number;
  readonly faults: { count(kind: string): void };
  /** Milliseconds; 30 s unless a test is in a hurry, and the same for the proof: 10 s. */
  readonly pingEveryMs?: number;
  readonly proofWithinMs?: number;
}

export interface LiveFrontend {
  readonly handleUpgrade: UpgradeHandler;
  readonly connectionCount: () => number;
  /** Ends all connections, by 1001, and takes no more. */
  close(): Promise<void>;
}

/** How long a client may take to answer the closing of its connection. */
const CLOSE_WITHIN_MS = 500;

interface Guest {
  readonly socket: WebSocket;
  readonly connection: LiveConnection;
  isAlive: boolean;
}

export function createLiveFrontend(options: LiveFrontendOptions): LiveFrontend {
  const { directory, limits, hostOf, elapsed, faults } = options;
  const server = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES, clientTracking: false });
  const guests = new Set<Guest>();
  const perHost = new Map<string, number>();
  const count = (mishap: LiveMishap | "silent" | "no-proof" | "frame" | "handshake" | "too-many-connections") =>
    faults.count(`live-${mishap}`);
  let isClosed = false;
  server.on("wsClientError", (_error, socket) => {
    count("handshake");
    refuseUpgrade(socket, "400 Bad Request");
  });

  function handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const host = hostOf(request);
    if (host === undefined) return refuseUpgrade(socket, "403 Forbidden");
    const isFull = guests.size >= limits.connections || (perHost.get(host) ?? 0) >= limits.connectionsPerHost;
    if (isFull) count("too-many-connections");
    if (isFull || isClosed) return refuseUpgrade(socket, isFull ? "429 Too Many Requests" : "503 Service Unavailable");
    server.handleUpgrade(request, socket, head, (websocket) => welcome(websocket, socket, host));
  }

  function welcome(socket: WebSocket, stream: Duplex, host: string): void {
    const connection = createLiveConnection(createLiveSocket(socket, stream), { directory, limits, elapsed, count });
    const guest: Guest = { socket, connection, isAlive: true };
    guests.add(guest);
    perHost.set(host, (perHost.get(host) ?? 0) + 1);
    const impatience = setTimeout(() => askForProof(guest), options.proofWithinMs ?? PROOF_WITHIN_MS);
    stream.on("drain", connection.drained);
    socket.on("message", (data, isBinary) => {
      guest.isAlive = true;
      connection.receive(isBinary ? undefined : textOf(data));
    });
    socket.on("pong", () => (guest.isAlive = true));
    // What is no WebSocket frame, or too long, is answered with a close by the library.
    socket.on("error", () => count("frame"));
    socket.on("close", () => {
      clearTimeout(impatience);
      guests.delete(guest);
      const left = (perHost.get(host) ?? 1) - 1;
      if (left > 0) perHost.set(host, left);
      else perHost.delete(host);
      connection.end();
    });
  }

  function askForProof({ socket, connection }: Guest): void {
    if (connection.hasProved) return;
    count("no-proof");
    socket.close(CLOSE.noProof, "no proof came");
  }

  const pinging = setInterval(() => {
    for (const guest of guests) {
      if (!guest.isAlive) {
        count("silent");
        guest.socket.terminate();
      } else {
        guest.isAlive = false;
        guest.socket.ping();
      }
    }
  }, options.pingEveryMs ?? PING_EVERY_MS).unref();

  return {
    handleUpgrade,
    connectionCount: () => guests.size,
    async close() {
      isClosed = true;
      clearInterval(pinging);
      const ends = [...guests].map((guest) => dismiss(guest));
      await Promise.all(ends);
    },
  };
}

/** Text frames come in one piece, as bytes of UTF-8 that the library has checked. */
function textOf(data: RawData): string {
  return (data as Buffer).toString("utf8");
}

async function dismiss({ socket, connection }: Guest): Promise<void> {
  connection.end();
  await new Promise<void>((resolve) => {
    const impatience = setTimeout(() => socket.terminate(), CLOSE_WITHIN_MS);
    socket.on("close", () => {
      clearTimeout(impatience);
      resolve();
    });
    socket.close(CLOSE.stopping, "the tracker stops; connect again");
  });
}
