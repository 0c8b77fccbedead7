// What an rtorrent has loaded and whom it is connected to, read by its multicalls.
import type { RtorrentClient } from "./rtorrent-client.ts";
import type { XmlRpcValue } from "./xml-rpc.ts";

/** A torrent as the client has it; sizes in bytes, rates in bytes per second. */
export interface RtorrentDownload {
  /** Lowercase hex. */
  readonly hash: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly completedBytes: number;
  readonly complete: boolean;
  /** Being hashed, as after loading over files that are already there. */
  readonly hashing: boolean;
  /** Started and not paused. */
  readonly active: boolean;
  /** The last complaint of tracker or storage; empty when there is none. */
  readonly message: string;
  /** Payload taken from all peers since loading, those gone included. */
  readonly downTotal: number;
  readonly upTotal: number;
  readonly downRate: number;
  readonly upRate: number;
}

/** A peer while it is connected: rtorrent forgets it, counters and all, with the connection. */
export interface RtorrentPeer {
  readonly address: string;
  readonly port: number;
  /** Hex. */
  readonly peerId: string;
  /** Whether this client called the other. */
  readonly outgoing: boolean;
  readonly completedPercent: number;
  /** Bytes of payload taken from this peer over this connection. */
  readonly downTotal: number;
  readonly upTotal: number;
}

/** In the order of loading. */
export async function listDownloads(call: RtorrentClient["call"]): Promise<RtorrentDownload[]> {
  const reply = await call("d.multicall2", "", "main", ...DOWNLOAD_FIELDS);
  return readRows(reply, DOWNLOAD_FIELDS.length).map(readDownload);
}

export async function listPeers(call: RtorrentClient["call"], hash: string): Promise<RtorrentPeer[]> {
  const reply = await call("p.multicall", hash.toUpperCase(), "", ...PEER_FIELDS);
  return readRows(reply, PEER_FIELDS.length).map(readPeer);
}

const DOWNLOAD_FIELDS = [
  "d.hash=",
  "d.name=",
  "d.size_bytes=",
  "d.completed_bytes=",
  "d.complete=",
  "d.hashing=",
  "d.is_active=",
  "d.message=",
  "d.down.total=",
  "d.up.total=",
  "d.down.rate=",
  "d.up.rate=",
] as const;

function readDownload(row: readonly Scalar[]): RtorrentDownload {
  const [hash, name, size, completed, complete, hashing, active, message, downTotal, upTotal, downRate, upRate] = row;
  return {
    hash: String(hash).toLowerCase(),
    name: String(name),
    sizeBytes: Number(size),
    completedBytes: Number(completed),
    complete: complete === 1,
    hashing: hashing !== 0,
    active: active === 1,
    message: String(message),
    downTotal: Number(downTotal),
    upTotal: Number(upTotal),
    downRate: Number(downRate),
    upRate: Number(upRate),
  };
}

const PEER_FIELDS = [
  "p.address=",
  "p.port=",
  "p.id=",
  "p.is_incoming=",
  "p.completed_percent=",
  "p.down_total=",
  "p.up_total=",
] as const;

function readPeer(row: readonly Scalar[]): RtorrentPeer {
  const [address, port, id, incoming, percent, downTotal, upTotal] = row;
  return {
    address: String(address),
    port: Number(port),
    peerId: String(id).toLowerCase(),
    outgoing: incoming !== 1,
    completedPercent: Number(percent),
    downTotal: Number(downTotal),
    upTotal: Number(upTotal),
  };
}

type Scalar = string | number;

/** @throws TypeError when the reply is no list of rows of that many texts and numbers */
function readRows(reply: XmlRpcValue, fieldCount: number): Scalar[][] {
  return listOf(reply).map((row) => {
    const fields = listOf(row).map(scalarOf);
    if (fields.length !== fieldCount) throw new TypeError(`rtorrent answered ${fields.length} of ${fieldCount} fields`);
    return fields;
  });
}

function listOf(value: XmlRpcValue): readonly XmlRpcValue[] {
  if (!Array.isArray(value)) throw new TypeError(`rtorrent answered ${typeof value} instead of a list`);
  return value;
}

function scalarOf(value: XmlRpcValue): Scalar {
  if (typeof value === "string" || typeof value === "number") return value;
  throw new TypeError(`rtorrent answered ${typeof value} instead of a text or number`);
}
