// A PeerJS server beside the live channel, by which browsers that found each other make their connection. Loaded only when it is on.
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { ExpressPeerServer } from "peer";
import { type ServerOptions, type WebSocket, WebSocketServer } from "ws";
import { type UpgradeHandler, refuseUpgrade } from "../upgrades.ts";
import { createRequestPace } from "./request-pace.ts";

export interface PeerjsFrontend {
  /** True for `/peerjs` and all below it. */
  handles(url: string): boolean;
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** The path of its WebSocket. */
  readonly upgradePath: string;
  readonly handleUpgrade: UpgradeHandler;
  close(): void;
}

export interface PeerjsOptions {
  readonly server: Server;
  /** The host that asks; undefined refuses it. */
  readonly hostOf: (request: IncomingMessage) => string | undefined;
  readonly connections: number;
  /** Milliseconds on a clock that never jumps. */
  readonly elapsed: () => number;
  readonly faults: { count(kind: string): void };
}

/** What is used of an Express application. */
interface Application {
  (request: IncomingMessage, response: ServerResponse): void;
  use(path: string, application: Application): void;
  on(event: "error", listener: () => void): void;
}

const PATH = "/peerjs";
/** An offer with all its candidates is a few thousand bytes. */
const MAX_FRAME_BYTES = 64 * 1024;
/** Of a pace of 5,000 a second: 50 messages, after a burst of 200. */
const MESSAGE_COST = 100;

/** Its timers go on after `close`, for the library stops them by no means; they end with the process. */
export function createPeerjsFrontend({ server, hostOf, connections, elapsed, faults }: PeerjsOptions): PeerjsFrontend {
  const sockets = new Set<WebSocket>();
  let websockets: WebSocketServer | undefined;
  const createWebSocketServer = ({ path }: ServerOptions) => {
    websockets = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES, ...(path && { path }) });
    return websockets.on("connection", watch);
  };
  const options = { path: "/", concurrent_limit: connections, createWebSocketServer };
  const application: Application = ExpressPeerServer(server, options);
  // It begins when it is mounted on an Express application, whichever.
  const parent: Application = ExpressPeerServer(server);
  parent.use(PATH, application);
  // Without a listener, what is no JSON would end the process.
  application.on("error", () => faults.count("peerjs-frame"));

  /** Messages to nobody are kept for a while, so nobody may send them without bound. */
  function watch(socket: WebSocket): void {
    const pace = createRequestPace();
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("message", () => {
      if (pace.spend(MESSAGE_COST, elapsed()) === 0) return;
      faults.count("peerjs-flood");
      socket.terminate();
    });
  }

  return {
    handles: (url) => url.startsWith(PATH) && /^(?:$|[/?])/.test(url.slice(PATH.length)),
    handle: (request, response) => parent(request, response),
    upgradePath: `${PATH}${PATH}`,
    handleUpgrade(request, socket, head) {
      if (hostOf(request) === undefined) return refuseUpgrade(socket, "403 Forbidden");
      websockets?.handleUpgrade(request, socket, head, (websocket) => {
        websockets?.emit("connection", websocket, request);
      });
    },
    close() {
      for (const socket of sockets) socket.terminate();
    },
  };
}
