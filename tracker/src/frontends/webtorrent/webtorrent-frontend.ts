// WebTorrent's tracker protocol over WebSockets: connections that are opened, looked after and ended; what is said goes to the exchange.
import { isUtf8 } from "node:buffer";
import { type RawData, type Server, WebSocketServer } from "ws";
import type { CompactEndpoint } from "../../swarm/identifiers.ts";
import { announceKeyIn } from "../../wire/announce-path.ts";
import { refuseUpgrade, type UpgradeHandler } from "../upgrades.ts";
import { type AdmissionOptions, createAdmission } from "./admission.ts";
import { Client, type ClientEvents, ClientSocket } from "./client.ts";
import { BURST_SECONDS, createExchange, type ExchangeOptions } from "./exchange.ts";
import { startHeartbeat } from "./heartbeat.ts";
import { MessageRate } from "./message-rate.ts";

export interface WebtorrentFrontendOptions extends AdmissionOptions, ExchangeOptions {
  /** Of one message; a longer one ends the connection. */
  readonly maxMessageBytes: number;
}

export interface WebtorrentFrontend {
  readonly handleUpgrade: UpgradeHandler;
  /** How many clients are connected. */
  connections(): number;
  /** Ends all connections, and takes no more. */
  close(): Promise<void>;
}

/** A client that is not heard of for a round is gone. */
const ROUND_SECONDS = 30;
/**
 * One that is in no swarm and says nothing for so long has no use for its connection. Longer than any interval: whoever waits for its
 * transfer to be activated would otherwise come back minutes later, as WebTorrent does when it was disconnected.
 */
const MOST_IDLE_ROUNDS = 5;
const CLOSE_TIMEOUT_MS = 1000;
const [GOING_AWAY, UNSUPPORTED_DATA, POLICY_VIOLATION] = [1001, 1003, 1008];
const FRAME_FAULTS = new Map<string, string>([
  ["WS_ERR_UNSUPPORTED_MESSAGE_LENGTH", "webtorrent-message-too-long"],
  ["WS_ERR_INVALID_UTF8", "webtorrent-bad-utf8"],
]);

/** Throws `ADDRESS_INVALID` for a range that is none. */
export function createWebtorrentFrontend(options: WebtorrentFrontendOptions): WebtorrentFrontend {
  const { faults, elapsed } = options;
  const exchange = createExchange(options);
  const admission = createAdmission(options);
  const clients = new Set<Client>();
  const heartbeat = startHeartbeat(ROUND_SECONDS, lookAfter);
  const server = createServer(options);
  let isClosed = false;
  server.on("wsClientError", (error, socket) => {
    faults.count("webtorrent-bad-handshake");
    refuseUpgrade(socket, "400 Bad Request", error.message);
  });

  const handleUpgrade: UpgradeHandler = (request, socket, head) => {
    if (isClosed) return refuseUpgrade(socket, "503 Service Unavailable", "the tracker stops; try again");
    const asked = admission.ask(request);
    if (asked.kind === "refused") {
      faults.count(asked.fault);
      return refuseUpgrade(socket, asked.status, asked.reason);
    }
    const announceKey = announceKeyIn(request.url ?? "");
    server.handleUpgrade(request, socket, head, (webSocket) => open(webSocket, asked.endpoint, announceKey));
  };

  const events: ClientEvents = {
    heard: hear,
    failed: countFrameFault,
    ended: forget,
    dropped: () => faults.count("webtorrent-slow-reader"),
  };

  function open(socket: ClientSocket, endpoint: CompactEndpoint, announceKey: string): void {
    const rate = new MessageRate(options.messagesPerSecond * BURST_SECONDS, elapsed());
    const client = new Client({ socket, endpoint, announceKey, rate, events });
    clients.add(client);
    admission.enter(endpoint);
    heartbeat.add(client);
  }

  function hear(client: Client, data: RawData): void {
    // What is still read after the connection was given up is of no interest.
    if (client.socket.readyState !== client.socket.OPEN) return;
    if (data instanceof Buffer && isUtf8(data)) return exchange.receive(client, data.toString());
    faults.count("webtorrent-bad-utf8");
    client.close(UNSUPPORTED_DATA, "send JSON in UTF-8");
  }

  /** Errors of the connection itself are nobody's fault; of all errors the end of the connection is told apart. */
  function countFrameFault({ code = "" }: NodeJS.ErrnoException): void {
    if (code.startsWith("WS_ERR_")) faults.count(FRAME_FAULTS.get(code) ?? "webtorrent-bad-frame");
  }

  function lookAfter(client: Client): void {
    if (!client.wasHeard) return client.socket.terminate();
    client.wasHeard = false;
    client.offers.forgetOld(elapsed());
    client.idleRounds = client.memberships.size === 0 ? client.idleRounds + 1 : 0;
    if (client.idleRounds > MOST_IDLE_ROUNDS) client.close(POLICY_VIOLATION, "in no swarm");
    else client.socket.ping();
  }

  function forget(client: Client): void {
    if (!clients.delete(client)) return;
    admission.leave(client.endpoint);
    heartbeat.remove(client);
    exchange.leave(client);
  }

  return {
    handleUpgrade,
    connections: () => clients.size,
    async close() {
      isClosed = true;
      heartbeat.close();
      await Promise.all([...clients].map(({ socket }) => ended(socket)));
    },
  };
}

function createServer({ maxMessageBytes }: WebtorrentFrontendOptions): Server<typeof ClientSocket> {
  const settings = {
    noServer: true,
    WebSocket: ClientSocket,
    clientTracking: false,
    // Session descriptions are short, and a compressor takes more memory than all else of a connection.
    perMessageDeflate: false,
    maxPayload: maxMessageBytes,
    closeTimeout: CLOSE_TIMEOUT_MS,
  };
  return new WebSocketServer(settings);
}

async function ended(socket: ClientSocket): Promise<void> {
  await new Promise((resolve) => {
    socket.once("close", resolve);
    socket.close(GOING_AWAY, "the tracker stops");
  });
}
