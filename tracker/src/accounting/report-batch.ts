// Reports on their way to another thread, written as bytes: it is all that accounting does while an announce waits.
import type { AnnounceEvent } from "../swarm/announce.ts";
import {
  type CompactEndpoint,
  type HostAddress,
  type InfoHash,
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
  readonly amounts: Float64Array;
  readonly codes: Uint32Array;
  readonly bytes: Uint8Array;
  /** What the codes stand for. */
  readonly infoHashes: readonly InfoHash[];
  readonly racks: readonly string[];
  readonly users: readonly string[];
}

const AMOUNTS = 4;
const CODES = 4;
/** Peer id, then the length of an endpoint and the endpoint. */
const BYTES = 40;
const ENDPOINT_AT = PEER_ID_BYTES + 1;
const PORT_BYTES = 2;
const EVENTS: readonly AnnounceEvent[] = ["none", "started", "completed", "stopped", "paused"];
const UNSERVED = 8;

export class ReportBatch {
  size = 0;
  readonly #amounts = new Float64Array(BATCH_DELTAS * AMOUNTS);
  readonly #codes = new Uint32Array(BATCH_DELTAS * CODES);
  readonly #bytes = Buffer.alloc(BATCH_DELTAS * BYTES);
  readonly #infoHashes = new Table<InfoHash>();
  readonly #racks = new Table<string>();
  readonly #users = new Table<string>();

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
    this.#codes[code + 3] = EVENTS.indexOf(event) | (isUnserved ? UNSERVED : 0);
    const at = this.size * BYTES;
    this.#bytes.write(peerId, at, PEER_ID_BYTES, "latin1");
    this.#bytes[at + PEER_ID_BYTES] = endpoint.length;
    this.#bytes.write(endpoint, at + ENDPOINT_AT, endpoint.length, "latin1");
    this.size++;
  }

  /** Makes it as good as new. */
  clear(): void {
    this.size = 0;
    for (const table of [this.#infoHashes, this.#racks, this.#users]) table.clear();
  }

  pack(): PackedReports {
    return {
      size: this.size,
      // Copies: with a part of an array the whole of its memory would go to the other thread.
      amounts: this.#amounts.slice(0, this.size * AMOUNTS),
      codes: this.#codes.slice(0, this.size * CODES),
      bytes: Uint8Array.prototype.slice.call(this.#bytes, 0, this.size * BYTES),
      infoHashes: this.#infoHashes.texts,
      racks: this.#racks.texts,
      users: this.#users.texts,
    };
  }
}

export function unpackReports(packed: PackedReports): TrafficReport[] {
  const bytes = Buffer.from(packed.bytes.buffer, packed.bytes.byteOffset, packed.bytes.byteLength);
  return Array.from({ length: packed.size }, (_, index) => unpackReport(packed, bytes, index));
}

function unpackReport(
  { amounts, codes, infoHashes, racks, users }: PackedReports,
  bytes: Buffer,
  index: number,
): TrafficReport {
  const [uploaded = 0, downloaded = 0, left = 0, reportedAt = 0] = amounts.subarray(
    index * AMOUNTS,
    (index + 1) * AMOUNTS,
  );
  const [infoHash = 0, rack = 0, user = 0, event = 0] = codes.subarray(index * CODES, (index + 1) * CODES);
  const at = index * BYTES;
  const hostEnd = at + ENDPOINT_AT + (bytes[at + PEER_ID_BYTES] ?? 0) - PORT_BYTES;
  const address = hostAddressText(bytes.toString("latin1", at + ENDPOINT_AT, hostEnd) as HostAddress);
  return {
    infoHash: infoHashes[infoHash] as InfoHash,
    peerId: bytes.toString("latin1", at, at + PEER_ID_BYTES) as PeerId,
    user: users[user] || address,
    address,
    rack: racks[rack] ?? "",
    event: EVENTS[event & ~UNSERVED] ?? "none",
    uploaded,
    downloaded,
    left,
    reportedAt,
    isUnserved: (event & UNSERVED) !== 0,
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
