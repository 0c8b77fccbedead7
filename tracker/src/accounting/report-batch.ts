// Reports on their way to another thread, in the form that is made and copied soonest: an announce waits for it.
import type { AnnounceEvent } from "../swarm/announce.ts";
import {
  type CompactEndpoint,
  type HostAddress,
  type InfoHash,
  isIpv4,
  PEER_ID_BYTES,
  type PeerId,
} from "../swarm/identifiers.ts";
import { hostAddressText } from "../wire/compact-address.ts";
import { BATCH_DELTAS } from "./ledger.ts";
import type { TrafficReport } from "./traffic-report.ts";

/** An announce as far as it is counted. */
export interface CountedAnnounce {
  readonly infoHash: InfoHash;
  readonly peerId: PeerId;
  readonly endpoint: CompactEndpoint;
  readonly event: AnnounceEvent;
  readonly uploaded: number;
  readonly downloaded: number;
  readonly left: number;
}

/** See `TrafficReport`. */
export interface Circumstances {
  /** `""` for the host that announced. */
  readonly user: string;
  readonly rack: string;
  readonly reportedAt: number;
  readonly isUnserved: boolean;
}

/** Structured-cloneable. */
export interface PackedReports {
  readonly size: number;
  /** Uploaded, downloaded, left and reported at, of one report after the other. */
  readonly amounts: Float64Array;
  /** Numbers of info-hash, rack and user in the lists below, and a sum of `EVENTS` and the flags. */
  readonly codes: Uint32Array;
  /** One after the other. */
  readonly peerIds: string;
  readonly endpoints: string;
  readonly infoHashes: readonly InfoHash[];
  readonly racks: readonly string[];
  readonly users: readonly string[];
}

const AMOUNTS = 4;
const CODES = 4;
const EVENTS: readonly AnnounceEvent[] = ["none", "started", "completed", "stopped", "paused"];
const EVENT_BITS = 7;
const UNSERVED = 8;
const IPV6 = 16;
const [IPV4_BYTES, IPV6_BYTES, PORT_BYTES] = [4, 16, 2];

export class ReportBatch {
  readonly #amounts = new Float64Array(BATCH_DELTAS * AMOUNTS);
  readonly #codes = new Uint32Array(BATCH_DELTAS * CODES);
  readonly #peerIds: PeerId[] = [];
  readonly #endpoints: CompactEndpoint[] = [];
  readonly #infoHashes = new Table<InfoHash>();
  readonly #racks = new Table<string>();
  readonly #users = new Table<string>();

  get size(): number {
    return this.#peerIds.length;
  }

  get isFull(): boolean {
    return this.size === BATCH_DELTAS;
  }

  /** It must not be full. */
  add(announce: CountedAnnounce, { user, rack, reportedAt, isUnserved }: Circumstances): void {
    const { infoHash, peerId, endpoint, event, uploaded, downloaded, left } = announce;
    const amount = this.size * AMOUNTS;
    this.#amounts[amount] = uploaded;
    this.#amounts[amount + 1] = downloaded;
    this.#amounts[amount + 2] = left;
    this.#amounts[amount + 3] = reportedAt;
    const code = this.size * CODES;
    this.#codes[code] = this.#infoHashes.code(infoHash);
    this.#codes[code + 1] = this.#racks.code(rack);
    this.#codes[code + 2] = this.#users.code(user);
    this.#codes[code + 3] = EVENTS.indexOf(event) | (isUnserved ? UNSERVED : 0) | (isIpv4(endpoint) ? 0 : IPV6);
    // Texts are joined when all are there: a list of them is the slowest thing to copy, and so is each of them by itself.
    this.#peerIds.push(peerId);
    this.#endpoints.push(endpoint);
  }

  /** Makes it as good as new. */
  clear(): void {
    for (const list of [this.#peerIds, this.#endpoints]) list.length = 0;
    for (const table of [this.#infoHashes, this.#racks, this.#users]) table.clear();
  }

  pack(): PackedReports {
    return {
      size: this.size,
      // Copies: with a part of an array the whole of its memory would go to the other thread.
      amounts: this.#amounts.slice(0, this.size * AMOUNTS),
      codes: this.#codes.slice(0, this.size * CODES),
      peerIds: this.#peerIds.join(""),
      endpoints: this.#endpoints.join(""),
      infoHashes: this.#infoHashes.texts,
      racks: this.#racks.texts,
      users: this.#users.texts,
    };
  }
}

export function unpackReports(packed: PackedReports): TrafficReport[] {
  let endpointAt = 0;
  return Array.from({ length: packed.size }, (_, index) => {
    const isIpv6 = ((packed.codes[index * CODES + 3] ?? 0) & IPV6) !== 0;
    const hostBytes = isIpv6 ? IPV6_BYTES : IPV4_BYTES;
    const host = packed.endpoints.slice(endpointAt, endpointAt + hostBytes) as HostAddress;
    endpointAt += hostBytes + PORT_BYTES;
    return unpackReport(packed, index, hostAddressText(host));
  });
}

function unpackReport(packed: PackedReports, index: number, address: string): TrafficReport {
  const { amounts, codes, peerIds, infoHashes, racks, users } = packed;
  const [uploaded = 0, downloaded = 0, left = 0, reportedAt = 0] = amounts.subarray(
    index * AMOUNTS,
    (index + 1) * AMOUNTS,
  );
  const [infoHash = 0, rack = 0, user = 0, flags = 0] = codes.subarray(index * CODES, (index + 1) * CODES);
  return {
    infoHash: infoHashes[infoHash] as InfoHash,
    peerId: peerIds.slice(index * PEER_ID_BYTES, (index + 1) * PEER_ID_BYTES) as PeerId,
    user: users[user] || address,
    address,
    rack: racks[rack] ?? "",
    event: EVENTS[flags & EVENT_BITS] ?? "none",
    uploaded,
    downloaded,
    left,
    reportedAt,
    isUnserved: (flags & UNSERVED) !== 0,
  };
}

/** Texts that come again and again, each once. */
class Table<Text extends string> {
  readonly texts: Text[] = [];
  readonly #codes = new Map<Text, number>();

  clear(): void {
    this.texts.length = 0;
    this.#codes.clear();
  }

  code(text: Text): number {
    const known = this.#codes.get(text);
    if (known !== undefined) return known;
    this.#codes.set(text, this.texts.length);
    return this.texts.push(text) - 1;
  }
}
