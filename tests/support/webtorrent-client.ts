// A WebTorrent client as far as its tracker sees it: a WebSocket and messages in JSON, and no WebRTC behind them.
import { once } from "node:events";
import { WebSocket } from "ws";

export interface WebtorrentPlace {
  readonly port: number;
  /** The address of this machine that it connects from; says the family, too. */
  readonly from: string;
  readonly path?: string;
  /** The authority, in PEM, that says who the tracker is; without one, TLS is not spoken. */
  readonly ca?: string | undefined;
}

export type WebtorrentText = Record<string, unknown>;

export interface WebtorrentClient {
  readonly socket: WebSocket;
  send(message: unknown): void;
  /** An announce of the peer id, with so many offers `<peer id's first letter>1`, …, each 20 characters. */
  announce(infoHash: string, peerId: string, more?: WebtorrentText & { readonly offerCount?: number }): void;
  /** The next message that was not taken yet; rejects when none comes within 2 s. */
  next(): Promise<WebtorrentText>;
  /** All that came, after everything sent so far has been dealt with. */
  rest(): Promise<WebtorrentText[]>;
  /** The code that the tracker ended the connection with. */
  closed(): Promise<number>;
  close(): Promise<void>;
}

const PATIENCE_MS = 2000;
const NOWHERE = "\0".repeat(20);

/** Rejects with the status that the tracker refuses it with. */
export async function connectWebtorrent(place: WebtorrentPlace): Promise<WebtorrentClient> {
  const { port, from, path = "/", ca } = place;
  const host = from.includes(":") ? "[::1]" : "127.0.0.1";
  const options = { localAddress: from, perMessageDeflate: false, ...(ca && { ca }) };
  const socket = new WebSocket(`${ca ? "wss" : "ws"}://${host}:${port}${path}`, options);
  const inbox: WebtorrentText[] = [];
  const arrived = new EventTarget();
  socket.on("message", (data: Buffer) => {
    inbox.push(JSON.parse(data.toString()) as WebtorrentText);
    arrived.dispatchEvent(new Event("message"));
  });
  const ended = new Promise<number>((resolve) => socket.once("close", resolve));
  await once(socket, "open");
  socket.on("error", () => undefined);

  async function next(): Promise<WebtorrentText> {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    while (inbox.length === 0) await once(arrived, "message", { signal });
    return inbox.shift()!;
  }

  const send = (message: unknown) => socket.send(typeof message === "string" ? message : JSON.stringify(message));
  return {
    socket,
    send,
    announce(infoHash, peerId, { offerCount = 0, ...more } = {}) {
      const offers = Array.from({ length: offerCount }, (_, index) => offerOf(peerId, index + 1));
      const fields = { action: "announce", info_hash: binary(infoHash), peer_id: peerId, left: 9, numwant: offerCount };
      send({ ...fields, uploaded: 0, downloaded: 0, offers, ...more });
    },
    next,
    async rest() {
      send({ action: "scrape", info_hash: [NOWHERE] });
      const messages: WebtorrentText[] = [];
      for (;;) {
        const message = await next();
        if (message["action"] === "scrape") return messages;
        messages.push(message);
      }
    },
    closed: () => ended,
    async close() {
      socket.close();
      await ended;
    },
  };
}

export function offerOf(peerId: string, number: number) {
  const offer_id = offerIdOf(peerId, number);
  return { offer_id, offer: { type: "offer", sdp: `v=0 ${offer_id}` } };
}

export function offerIdOf(peerId: string, number: number): string {
  return `${peerId.at(-1)}${number}`.padEnd(20, "\xff");
}

export function binary(infoHash: string): string {
  return Buffer.from(infoHash, "hex").toString("latin1");
}
