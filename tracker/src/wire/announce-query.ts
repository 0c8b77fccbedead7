// The query of an HTTP announce (BEP 3, 7, 21, 23) as the fields it says.
import type { AnnounceEvent } from "../swarm/announce.ts";
import type { InfoHash, PeerId } from "../swarm/identifiers.ts";
import {
  parameterTable,
  type ParameterReader,
  queryFault,
  readBytes,
  readDigits,
  readIdBytes,
  readInfoHash,
  readParameters,
} from "./query-parameters.ts";

/** What a client says of its own addresses (BEP 3, 7). */
export interface AddressClaims {
  readonly ip: string | undefined;
  readonly ipv4: string | undefined;
  readonly ipv6: string | undefined;
}

export interface AnnounceQuery {
  readonly infoHash: InfoHash;
  readonly peerId: PeerId;
  /** `""` when none was sent. */
  readonly key: string;
  /** 1 to 65535. */
  readonly port: number;
  readonly event: AnnounceEvent;
  readonly left: number;
  readonly uploaded: number;
  readonly downloaded: number;
  /** Undefined when the client leaves it to the tracker (absent, empty or negative). */
  readonly numwant: number | undefined;
  /** BEP 23; true unless the client sends `compact=0`. */
  readonly compact: boolean;
  readonly noPeerId: boolean;
  /** The parameters `ip`, `ipv4` and `ipv6` as they were sent: claims, for those to weigh who know the sender. */
  readonly claims: AddressClaims | undefined;
}

interface Draft {
  infoHash: InfoHash | undefined;
  peerId: PeerId | undefined;
  key: string;
  port: number;
  event: AnnounceEvent;
  left: number;
  uploaded: number;
  downloaded: number;
  numwant: number | undefined;
  compact: boolean;
  noPeerId: boolean;
  ip: string | undefined;
  ipv4: string | undefined;
  ipv6: string | undefined;
}

const ABSENT = -1;
const MAX_PORT = 65535;
const MAX_KEY_BYTES = 64;
/** More than any handout holds; larger wishes are cut to it. */
const MAX_NUMWANT = 10_000;

const EVENTS: ReadonlyMap<string, AnnounceEvent> = new Map([
  ["", "none"],
  ["empty", "none"],
  ["started", "started"],
  ["completed", "completed"],
  ["stopped", "stopped"],
  ["paused", "paused"],
]);

const PARAMETERS = parameterTable<Draft>({
  info_hash: (draft, query, from, to) => (draft.infoHash = readInfoHash(query, from, to)),
  peer_id: (draft, query, from, to) => (draft.peerId = readIdBytes("peer_id", query, from, to) as PeerId),
  port: readPort,
  left: amount("left"),
  uploaded: amount("uploaded"),
  downloaded: amount("downloaded"),
  event: readEvent,
  numwant: readNumwant,
  compact: (draft, query, from, to) => (draft.compact = readFlag("compact", query, from, to)),
  no_peer_id: (draft, query, from, to) => (draft.noPeerId = readFlag("no_peer_id", query, from, to)),
  key: readKey,
  ip: (draft, query, from, to) => (draft.ip = readBytes("ip", query, from, to)),
  ipv4: (draft, query, from, to) => (draft.ipv4 = readBytes("ipv4", query, from, to)),
  ipv6: (draft, query, from, to) => (draft.ipv6 = readBytes("ipv6", query, from, to)),
});

/**
 * `query` is what follows the `?` in the request line, one latin1 character a byte. Parameters it does not know are
 * skipped. Throws `QUERY_INVALID`, naming the parameter and what is expected of it.
 */
export function parseAnnounceQuery(query: string): AnnounceQuery {
  const draft: Draft = {
    infoHash: undefined,
    peerId: undefined,
    key: "",
    port: ABSENT,
    event: "none",
    left: ABSENT,
    uploaded: ABSENT,
    downloaded: ABSENT,
    numwant: undefined,
    compact: true,
    noPeerId: false,
    ip: undefined,
    ipv4: undefined,
    ipv6: undefined,
  };
  readParameters(query, PARAMETERS, draft);
  return complete(draft);
}

function complete(draft: Draft): AnnounceQuery {
  const { infoHash, peerId, key, port, event, left, uploaded, downloaded, numwant, compact, noPeerId } = draft;
  if (infoHash === undefined) throw queryFault("info_hash", "is missing; expected 20 bytes, percent-encoded");
  if (peerId === undefined) throw queryFault("peer_id", "is missing; expected 20 bytes, percent-encoded");
  if (port === ABSENT) throw queryFault("port", `is missing; expected 1 to ${MAX_PORT}`);
  refuseAbsentAmount("left", left);
  refuseAbsentAmount("uploaded", uploaded);
  refuseAbsentAmount("downloaded", downloaded);
  const claims = claimsOf(draft);
  // Named one by one: with rest and spread a parse takes a third longer.
  return { infoHash, peerId, key, port, event, left, uploaded, downloaded, numwant, compact, noPeerId, claims };
}

function claimsOf({ ip, ipv4, ipv6 }: Draft): AddressClaims | undefined {
  return ip === undefined && ipv4 === undefined && ipv6 === undefined ? undefined : { ip, ipv4, ipv6 };
}

function refuseAbsentAmount(name: string, value: number): void {
  if (value === ABSENT) throw queryFault(name, "is missing; expected a number of bytes");
}

function amount(name: "left" | "uploaded" | "downloaded"): ParameterReader<Draft> {
  return (draft, query, from, to) => {
    const bytes = readDigits(query, from, to);
    if (Number.isNaN(bytes)) throw queryFault(name, "is no number of bytes; expected an integer from 0 to 2^53 - 1");
    draft[name] = bytes;
  };
}

function readPort(draft: Draft, query: string, from: number, to: number): void {
  const port = readDigits(query, from, to);
  if (!(port >= 1 && port <= MAX_PORT)) throw queryFault("port", `is no port; expected 1 to ${MAX_PORT}`);
  draft.port = port;
}

function readEvent(draft: Draft, query: string, from: number, to: number): void {
  const event = EVENTS.get(query.slice(from, to));
  if (event === undefined) {
    throw queryFault("event", "is unknown; expected started, completed, stopped, paused or none at all");
  }
  draft.event = event;
}

function readNumwant(draft: Draft, query: string, from: number, to: number): void {
  if (from === to) return;
  const negative = query[from] === "-";
  const count = readDigits(query, negative ? from + 1 : from, to);
  if (Number.isNaN(count)) throw queryFault("numwant", "is no integer; expected how many peers are wanted");
  if (!negative) draft.numwant = Math.min(count, MAX_NUMWANT);
}

function readFlag(name: string, query: string, from: number, to: number): boolean {
  const value = query.slice(from, to);
  if (value !== "0" && value !== "1") throw queryFault(name, "is no flag; expected 0 or 1");
  return value === "1";
}

function readKey(draft: Draft, query: string, from: number, to: number): void {
  draft.key = readBytes("key", query, from, to);
  if (draft.key.length > MAX_KEY_BYTES) throw queryFault("key", `is too long; send at most ${MAX_KEY_BYTES} bytes`);
}
