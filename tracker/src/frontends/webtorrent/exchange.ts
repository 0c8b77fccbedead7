// What WebTorrent clients say, and what becomes of it: announces go to the service, offers to the peers it hands out, answers back.
import {
  type AnnounceService,
  type ClientAnnounce,
  type ServiceReply,
  UnavailableError,
} from "../../service/announce-service.ts";
import type { InfoHash, PeerId } from "../../swarm/identifiers.ts";
import {
  parseWebtorrentMessage,
  type WebtorrentAnnounce,
  type WebtorrentAnswer,
  type WebtorrentLimits,
  type WebtorrentScrape,
} from "../../wire/webtorrent-message.ts";
import {
  type Handshake,
  printHandshake,
  printWebtorrentFailure,
  printWebtorrentReply,
  printWebtorrentScrape,
} from "../../wire/webtorrent-reply.ts";
import type { FaultCounts } from "../fault-counts.ts";
import type { Connection } from "./connection.ts";
import { createMembers } from "./members.ts";
import { createRelay, type RelayChannel } from "./relay.ts";

export interface ExchangeOptions extends WebtorrentLimits {
  /** Of swarms that WebRTC peers alone are in. */
  readonly service: AnnounceService;
  /** For clients that do not know how much is left; undefined for a torrent that is not registered. */
  readonly lengthBytes: (infoHash: InfoHash) => number | undefined;
  readonly channel: RelayChannel | undefined;
  readonly messagesPerSecond: number;
  readonly intervalSeconds: number;
  readonly faults: FaultCounts;
  readonly log: { error(details: object, message: string): void };
  /** Milliseconds on a clock that never jumps. */
  readonly elapsed: () => number;
  /** 0 inclusive to 1 exclusive. */
  readonly random: () => number;
}

export interface Exchange {
  /** Never throws. */
  receive(connection: Connection, text: string): void;
  /** For a connection that ended: its peers are gone. */
  leave(connection: Connection): void;
}

/** A client that reconnects announces all its torrents at once. */
export const BURST_SECONDS = 4;
const POLICY_VIOLATION = 1008;
const JITTER = 0.1;
const SCRAPE_INTERVAL_SECONDS = 30;
const INTERNAL_ERROR = "internal error in the tracker; try again, and see the tracker's log if it stays";
const TAKEN = "peer_id is in use by another host; restart the client so that it takes a new one";
const OTHER_ID = "this connection is another peer of the torrent; use one connection a client";
const NO_MEMBER = "this connection is no peer of the torrent; announce it first";

export function createExchange(options: ExchangeOptions): Exchange {
  const { service, maxHashes, faults, log, elapsed } = options;
  const members = createMembers();
  const relay = createRelay({ deliver, release }, options.channel);
  const rate = { perSecond: options.messagesPerSecond, burst: options.messagesPerSecond * BURST_SECONDS };

  function receive(connection: Connection, text: string): void {
    const message = parseWebtorrentMessage(text, options);
    const cost = message.kind === "announce" ? 1 + message.offers.length : 1;
    if (!connection.rate.take(cost, rate, elapsed())) {
      faults.count("webtorrent-too-fast");
      return connection.close(POLICY_VIOLATION, "too many messages");
    }
    switch (message.kind) {
      case "announce":
        return announce(connection, message);
      case "answer":
        return answer(connection, message);
      case "scrape":
        return scrape(connection, message);
      case "fault":
        faults.count(message.fault);
        return connection.send(printWebtorrentFailure(message));
    }
  }

  function announce(connection: Connection, message: WebtorrentAnnounce): void {
    const { infoHash } = message;
    const isNew = !connection.memberships.has(infoHash);
    const refusal = admit(connection, message);
    if (refusal !== undefined) return refuse(connection, message, refusal);
    const settle = (reply: ServiceReply) => {
      if (isNew && !isServed(reply)) members.leave(connection, infoHash);
      else if (isNew) relay.claim(infoHash, message.peerId);
      if (connection.isOpen) answerAnnounce(connection, message, reply);
      // It ended while it was being announced.
      else if (isServed(reply)) stop(connection, infoHash, message.peerId);
    };
    whenDone(
      () => service.announce(requestOf(connection, message)),
      settle,
      (error) => fail(connection, message, error),
    );
  }

  /** Why the connection may not be this peer; `stopped` ends what it is. */
  function admit(connection: Connection, { infoHash, peerId, event }: WebtorrentAnnounce): string | undefined {
    const known = connection.memberships.get(infoHash);
    if (known !== undefined && known !== peerId) return OTHER_ID;
    if (event === "stopped") {
      members.leave(connection, infoHash);
      return known === undefined ? NO_MEMBER : undefined;
    }
    if (known === undefined && connection.memberships.size >= maxHashes) {
      return `this connection is in ${maxHashes} swarms already; open another one`;
    }
    return members.join(connection, infoHash, peerId) ? undefined : TAKEN;
  }

  function answerAnnounce(connection: Connection, message: WebtorrentAnnounce, reply: ServiceReply): void {
    if (reply.kind === "failure") return refuse(connection, message, reply.reason);
    const { infoHash, peerId, offers } = message;
    const peers = offers.length > 0 ? reply.handout.peers() : [];
    const { counts, warning } = reply;
    const intervalSeconds = Math.round(options.intervalSeconds * (1 - JITTER + 2 * JITTER * options.random()));
    connection.send(printWebtorrentReply({ infoHash, intervalSeconds, counts, warning }));
    for (const [at, { offerId, sdp }] of offers.entries()) {
      const to = peers[at]?.peerId;
      if (to === undefined) return;
      connection.offers.add(infoHash, offerId, to, elapsed());
      relay.pass(to, { kind: "offer", infoHash, peerId, offerId, sdp });
    }
  }

  function answer(connection: Connection, { infoHash, peerId, toPeerId, offerId, sdp }: WebtorrentAnswer): void {
    if (connection.memberships.get(infoHash) !== peerId) faults.count("webtorrent-stray-answer");
    else relay.pass(toPeerId, { kind: "answer", infoHash, peerId, offerId, sdp });
  }

  /** To a client of this tracker. An answer that fits no offer ends here, in silence. */
  function deliver(to: PeerId, handshake: Handshake): boolean {
    const { kind, infoHash, peerId, offerId } = handshake;
    const connection = members.find(infoHash, to);
    if (connection === undefined) return false;
    const fits = kind === "offer" || connection.offers.take(infoHash, offerId, peerId, elapsed());
    if (fits) connection.send(printHandshake(handshake));
    else faults.count("webtorrent-stray-answer");
    return true;
  }

  function release(infoHash: InfoHash, peerId: PeerId): void {
    const connection = members.find(infoHash, peerId);
    if (connection !== undefined) members.leave(connection, infoHash);
  }

  function scrape(connection: Connection, { infoHashes }: WebtorrentScrape): void {
    whenDone(
      () => service.scrape(infoHashes),
      (counts) => connection.send(printWebtorrentScrape(counts, SCRAPE_INTERVAL_SECONDS)),
      (error) => fail(connection, { kind: "scrape", infoHash: undefined }, error),
    );
  }

  function stop(connection: Connection, infoHash: InfoHash, peerId: PeerId): void {
    const stopped = { infoHash, peerId, event: "stopped", left: 0, uploaded: 0, downloaded: 0, numwant: 0 } as const;
    whenDone(
      () => service.leave(requestOf(connection, stopped)),
      () => undefined,
      (err) => log.error({ err }, "a peer that left could not be removed; it counts as there for some time"),
    );
  }

  function requestOf(
    { endpoint, announceKey }: Connection,
    message: Pick<WebtorrentAnnounce, "infoHash" | "peerId" | "event" | "left" | "uploaded" | "downloaded" | "numwant">,
  ): ClientAnnounce {
    const { infoHash, peerId, event, uploaded, downloaded, numwant } = message;
    const left = message.left ?? options.lengthBytes(infoHash) ?? 1;
    const place = { key: "", announceKey, endpoint, otherEndpoint: undefined, reach: "any" } as const;
    return { infoHash, peerId, ...place, event, left, uploaded, downloaded, numwant };
  }

  type Asked = { readonly kind: "announce" | "scrape"; readonly infoHash: InfoHash | undefined };

  function refuse(connection: Connection, { kind, infoHash }: Asked, reason: string): void {
    connection.send(printWebtorrentFailure({ action: kind, infoHash, reason }));
  }

  function fail(connection: Connection, asked: Asked, error: unknown): void {
    if (error instanceof UnavailableError) return refuse(connection, asked, error.message);
    log.error({ err: error }, "an announce or scrape failed");
    refuse(connection, asked, INTERNAL_ERROR);
  }

  return {
    receive,
    leave(connection) {
      connection.isOpen = false;
      for (const [infoHash, peerId] of connection.memberships) {
        members.leave(connection, infoHash);
        stop(connection, infoHash, peerId);
      }
    },
  };
}

/** Those of a transfer that is not served, or cannot be now, have a warning. */
function isServed(reply: ServiceReply): boolean {
  return reply.kind === "peers" && reply.warning === undefined;
}

/** At once for a value, later for a promise. */
function whenDone<Value>(
  begin: () => Value | Promise<Value>,
  then: (value: Value) => void,
  failed: (error: unknown) => void,
): void {
  try {
    const value = begin();
    if (value instanceof Promise) value.then(then).catch(failed);
    else then(value);
  } catch (error) {
    failed(error);
  }
}
