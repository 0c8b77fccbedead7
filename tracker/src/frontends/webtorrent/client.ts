// A WebTorrent client's socket with what is known of the client. Thousands are held: none has functions of its own.
import { type RawData, WebSocket } from "ws";
import type { CompactEndpoint, InfoHash, PeerId } from "../../swarm/identifiers.ts";
import type { Connection } from "./connection.ts";
import type { MessageRate } from "./message-rate.ts";
import { OutstandingOffers } from "./outstanding-offers.ts";

/** What may wait to be read by a client: some hundred offers. */
const MOST_UNREAD_BYTES = 2 ** 20;

export interface ClientEvents {
  heard(client: Client, data: RawData): void;
  failed(error: NodeJS.ErrnoException): void;
  ended(client: Client): void;
  /** Dropped, because it does not read what it is sent. */
  dropped(): void;
}

/** For the option `WebSocket` of a `WebSocketServer`. */
export class ClientSocket extends WebSocket {
  client: Client | undefined;
}

interface ClientParts {
  readonly socket: ClientSocket;
  readonly endpoint: CompactEndpoint;
  readonly announceKey: string;
  readonly rate: MessageRate;
  readonly events: ClientEvents;
}

export class Client implements Connection {
  readonly socket: ClientSocket;
  readonly endpoint: CompactEndpoint;
  readonly announceKey: string;
  readonly rate: MessageRate;
  readonly memberships = new Map<InfoHash, PeerId>();
  readonly offers = new OutstandingOffers();
  readonly events: ClientEvents;
  isOpen = true;
  /** In this round. */
  wasHeard = true;
  /** Rounds since it last said something in which it was in no swarm. */
  idleRounds = 0;

  constructor({ socket, endpoint, announceKey, rate, events }: ClientParts) {
    this.socket = socket;
    this.endpoint = endpoint;
    this.announceKey = announceKey;
    this.rate = rate;
    this.events = events;
    socket.client = this;
    socket.on("message", hear).on("pong", hearPong).on("error", events.failed).on("close", end);
  }

  send(text: string): void {
    const { socket } = this;
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount <= MOST_UNREAD_BYTES) return socket.send(text);
    this.events.dropped();
    socket.terminate();
  }

  close(code: number, reason: string): void {
    this.socket.close(code, reason);
  }
}

function hear(this: WebSocket, data: RawData): void {
  const client = clientOf(this);
  if (client === undefined) return;
  client.wasHeard = true;
  client.idleRounds = 0;
  client.events.heard(client, data);
}

function hearPong(this: WebSocket): void {
  const client = clientOf(this);
  if (client !== undefined) client.wasHeard = true;
}

function end(this: WebSocket): void {
  const client = clientOf(this);
  if (client !== undefined) client.events.ended(client);
}

function clientOf(socket: WebSocket): Client | undefined {
  return socket instanceof ClientSocket ? socket.client : undefined;
}
