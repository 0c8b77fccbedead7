// WebTorrent's tracker protocol: JSON text to typed messages. It has no BEP; the facts are what bittorrent-tracker (npm) speaks.
import type { AnnounceEvent } from "../swarm/announce.ts";
import type { InfoHash, PeerId } from "../swarm/identifiers.ts";

/** One half of a WebRTC handshake that waits for a taker. */
export interface Offer {
  /** 20 bytes that the offering client chose, as latin1. */
  readonly offerId: string;
  /** A session description (RFC 8866); never looked into. */
  readonly sdp: string;
}

export interface WebtorrentAnnounce {
  readonly kind: "announce";
  readonly infoHash: InfoHash;
  readonly peerId: PeerId;
  readonly event: AnnounceEvent;
  /** Undefined from a client that does not know the torrent's size yet. */
  readonly left: number | undefined;
  readonly uploaded: number;
  readonly downloaded: number;
  /** At most as many peers are wanted as there are offers. */
  readonly numwant: number;
  readonly offers: readonly Offer[];
}

/** The other half: goes to the peer that made the offer, by way of the tracker. */
export interface WebtorrentAnswer {
  readonly kind: "answer";
  readonly infoHash: InfoHash;
  readonly peerId: PeerId;
  readonly toPeerId: PeerId;
  readonly offerId: string;
  readonly sdp: string;
}

export interface WebtorrentScrape {
  readonly kind: "scrape";
  readonly infoHashes: readonly InfoHash[];
}

/** What is wrong with a message; `reason` may be shown to its sender, `action` and `infoHash` are what could be read of it. */
export interface WebtorrentFault {
  readonly kind: "fault";
  readonly fault: "webtorrent-bad-json" | "webtorrent-bad-action" | "webtorrent-bad-field";
  readonly action: "announce" | "scrape" | undefined;
  readonly infoHash: InfoHash | undefined;
  readonly reason: string;
}

export type WebtorrentMessage = WebtorrentAnnounce | WebtorrentAnswer | WebtorrentScrape;

export interface WebtorrentLimits {
  /** Offers of one announce; more are left out. */
  readonly maxOffers: number;
  /** Info-hashes of one scrape. */
  readonly maxHashes: number;
}

/** Those of browsers have some 500 to 4,000 characters, by the number of their network interfaces. */
export const MAX_SDP_CHARACTERS = 16_384;

type Fields = Readonly<Record<string, unknown>>;

const ID = /^[\0-\xff]{20}$/;
const EVENTS = new Map<unknown, AnnounceEvent>([
  [undefined, "none"],
  [null, "none"],
  ["", "none"],
  ["empty", "none"],
  ["update", "none"],
  ["started", "started"],
  ["completed", "completed"],
  ["stopped", "stopped"],
  ["paused", "paused"],
]);

class FieldFault extends Error {}

/** Never throws. Fields that are not named here are left out. */
export function parseWebtorrentMessage(text: string, limits: WebtorrentLimits): WebtorrentMessage | WebtorrentFault {
  const fields = readObject(text);
  if (fields === undefined) return fault("webtorrent-bad-json", "the message is no JSON object", {});
  try {
    if (fields["action"] === "announce")
      return isSet(fields["answer"]) ? readAnswer(fields) : readAnnounce(fields, limits);
    if (fields["action"] === "scrape") return readScrape(fields, limits);
  } catch (error) {
    if (error instanceof FieldFault) return fault("webtorrent-bad-field", error.message, fields);
    throw error;
  }
  return fault("webtorrent-bad-action", "action is neither announce nor scrape", fields);
}

function readObject(text: string): Fields | undefined {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function asObject(value: unknown): Fields | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

function readAnnounce(fields: Fields, { maxOffers }: WebtorrentLimits): WebtorrentAnnounce {
  const event = EVENTS.get(fields["event"]);
  if (event === undefined) throw new FieldFault("event is unknown; send started, completed, stopped, update or none");
  const offers = readOffers(fields["offers"], maxOffers);
  return {
    kind: "announce",
    infoHash: readInfoHash(fields["info_hash"]),
    peerId: readId(fields["peer_id"], "peer_id") as PeerId,
    event,
    left: numberOf(fields["left"]),
    uploaded: numberOf(fields["uploaded"]) ?? 0,
    downloaded: numberOf(fields["downloaded"]) ?? 0,
    numwant: Math.min(numberOf(fields["numwant"]) ?? offers.length, offers.length),
    offers,
  };
}

function readOffers(value: unknown, most: number): Offer[] {
  if (!isSet(value)) return [];
  if (!Array.isArray(value)) throw new FieldFault("offers is no list");
  return value.slice(0, most).map((item) => {
    const offer = asObject(item);
    if (offer === undefined) throw new FieldFault("an offer is no object with offer_id and offer");
    return { offerId: readId(offer["offer_id"], "offer_id"), sdp: readSdp(offer["offer"], "offer") };
  });
}

function readAnswer(fields: Fields): WebtorrentAnswer {
  return {
    kind: "answer",
    infoHash: readInfoHash(fields["info_hash"]),
    peerId: readId(fields["peer_id"], "peer_id") as PeerId,
    toPeerId: readId(fields["to_peer_id"], "to_peer_id") as PeerId,
    offerId: readId(fields["offer_id"], "offer_id"),
    sdp: readSdp(fields["answer"], "answer"),
  };
}

function readScrape(fields: Fields, { maxHashes }: WebtorrentLimits): WebtorrentScrape {
  const given = fields["info_hash"];
  if (!isSet(given)) throw new FieldFault("info_hash is missing; this tracker lists no torrents, name those you mean");
  const hashes: unknown[] = Array.isArray(given) ? given : [given];
  if (hashes.length > maxHashes) throw new FieldFault(`info_hash names more than ${maxHashes} torrents; ask in parts`);
  return { kind: "scrape", infoHashes: hashes.map(readInfoHash) };
}

function readSdp(value: unknown, type: "offer" | "answer"): string {
  const description = asObject(value);
  const sdp = description?.["sdp"];
  if (description?.["type"] !== type || typeof sdp !== "string") {
    throw new FieldFault(`${type} is no session description of the type ${type}`);
  }
  if (sdp.length > MAX_SDP_CHARACTERS)
    throw new FieldFault(`the sdp of an ${type} is longer than ${MAX_SDP_CHARACTERS}`);
  return sdp;
}

function readInfoHash(value: unknown): InfoHash {
  return Buffer.from(readId(value, "info_hash"), "latin1").toString("hex") as InfoHash;
}

function readId(value: unknown, name: string): string {
  if (typeof value === "string" && ID.test(value)) return value;
  throw new FieldFault(`${name} is missing or no string of 20 bytes, one character each`);
}

/** JSON has no Infinity and no NaN, which clients mean when they send null. */
function numberOf(value: unknown): number | undefined {
  if (typeof value !== "number" || !(value >= 0)) return undefined;
  return Math.min(Math.floor(value), Number.MAX_SAFE_INTEGER);
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function fault(kind: WebtorrentFault["fault"], reason: string, fields: Fields): WebtorrentFault {
  const { action, info_hash: hash } = fields;
  return {
    kind: "fault",
    fault: kind,
    action: action === "announce" || action === "scrape" ? action : undefined,
    infoHash: typeof hash === "string" && ID.test(hash) ? readInfoHash(hash) : undefined,
    reason,
  };
}
