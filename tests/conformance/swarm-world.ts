// A fleet of clients for the store suites: what each would announce, and a simple model of what it gets from whom.
import type { Announce, AnnounceEvent, HandoutPeer, TransferTerms } from "../../tracker/src/swarm/announce.ts";
import type { CompactEndpoint, HostAddress, InfoHash, PeerId } from "../../tracker/src/swarm/identifiers.ts";
import { compactEndpoint } from "../../tracker/src/swarm/identifiers.ts";
import { DEFAULT_POLICY } from "../../tracker/src/swarm/policy.ts";
import type { SwarmPolicy } from "../../tracker/src/swarm/policy.ts";

export const INFO_HASH = "0123456789abcdef0123456789abcdef01234567" as InfoHash;
export const PAYLOAD = 100 * 1024;
export const EVERY_MS = 2000;

export const THREE_LEVELS: SwarmPolicy = {
  ...DEFAULT_POLICY,
  levels: [
    { name: "dc", maxRepresentatives: 3, activeRepresentatives: 1 },
    { name: "row", maxRepresentatives: 2, activeRepresentatives: 1 },
    { name: "rack", maxRepresentatives: 2, activeRepresentatives: 1 },
  ],
};

export interface Client {
  readonly path: readonly string[];
  readonly host: HostAddress;
  readonly endpoint: CompactEndpoint;
  readonly late: boolean;
  peerId: PeerId;
  left: number;
  running: boolean;
  announcedAt: number;
  /** Sources by endpoint, with how far each was known to be when last heard. */
  sources: Map<Client, number>;
  /** Whom it was connected to, and until when; infinity while it is. */
  met: Map<Client, number>;
}

export function terms(origins: readonly Client[]): TransferTerms {
  return { origins: new Set(origins.map(({ host }) => host)) };
}

let launches = 0;

export function createClient(place: { path: readonly string[]; host: number; port?: number; late?: boolean }): Client {
  const host = String.fromCharCode(
    10,
    (place.host >> 16) & 255,
    (place.host >> 8) & 255,
    place.host & 255,
  ) as HostAddress;
  const client: Client = {
    path: place.path,
    host,
    endpoint: compactEndpoint(host, place.port ?? 6881),
    late: place.late ?? true,
    peerId: "" as PeerId,
    left: PAYLOAD,
    running: false,
    announcedAt: 0,
    sources: new Map(),
    met: new Map(),
  };
  launch(client);
  return client;
}

/** Gives a client the fresh id of a new process. */
export function launch(client: Client): void {
  client.peerId = `${client.late ? "-lt0D80-" : "-LT2080-"}${String(++launches).padStart(12, "0")}` as PeerId;
  client.sources.clear();
}

export function announceOf(client: Client, event: AnnounceEvent = "none", numwant?: number): Announce {
  return {
    peerId: client.peerId,
    key: "0a0b0c0d",
    endpoint: client.endpoint,
    otherEndpoint: undefined,
    reach: "any",
    path: client.path,
    event,
    left: client.left,
    uploaded: 0,
    downloaded: PAYLOAD - client.left,
    numwant,
  };
}

/** How long a late client refuses one it was connected to. */
const REFUSAL_MS = 600_000;

/** The client's process ends: everybody loses the connection. */
export function disconnect(client: Client, clients: readonly Client[], now: number): void {
  client.sources.clear();
  for (const other of clients) {
    if (!other.sources.delete(client)) continue;
    other.met.set(client, now);
    client.met.set(other, now);
  }
}

/** Connects the announcer with what it was handed, as clients do. */
export function connect(
  client: Client,
  handout: readonly HandoutPeer[],
  clients: readonly Client[],
  now: number,
): void {
  for (const { v4 } of handout) {
    const other = clients.find(({ endpoint }) => endpoint === v4);
    if (other === undefined || !other.running || isRefused(client, other, now)) continue;
    client.met.set(other, Number.POSITIVE_INFINITY);
    other.met.set(client, Number.POSITIVE_INFINITY);
    client.sources.set(other, other.left);
    other.sources.set(client, client.left);
  }
}

function isRefused(client: Client, other: Client, now: number): boolean {
  const until = client.met.get(other);
  if (until === Number.POSITIVE_INFINITY) return true;
  return until !== undefined && (client.late || other.late) && now - until < REFUSAL_MS;
}

/**
 * Downloads for one announce gap from every live source. A late client tells its taker of new pieces only while the taker is still
 * busy with it; one that caught up hears no more until it connects again.
 */
export function progress(client: Client, bytes: number): void {
  if (!client.running || client.left === 0) return;
  let reach = client.left;
  for (const [source, known] of client.sources) {
    if (!source.running) continue;
    const told = source.late && client.left <= known ? known : source.left;
    client.sources.set(source, told);
    reach = Math.min(reach, told);
  }
  client.left = Math.max(reach, client.left - bytes, 0);
}
