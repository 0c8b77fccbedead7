// The life of an announce over real HTTP, as a client sees it; run with every SwarmStore there is.
import { once } from "node:events";
import { createServer, get, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import oracle from "bencode";
import { afterEach, describe, expect, it } from "vitest";
import { createSubnetResolver } from "../../smdb-adapter/src/resolvers/subnet.ts";
import { createFaultCounts } from "../../tracker/src/frontends/fault-counts.ts";
import { createHttpFrontend } from "../../tracker/src/frontends/http/http-frontend.ts";
import type { AnnounceRegistry } from "../../tracker/src/registry/registry.ts";
import type { Transfer, TransferState } from "../../tracker/src/registry/transfer-registry.ts";
import { createAnnounceService } from "../../tracker/src/service/announce-service.ts";
import { createTransferTerms } from "../../tracker/src/service/transfer-terms.ts";
import { BY_HOST } from "../../tracker/src/service/user-identifier.ts";
import { NO_PATIENCE } from "../../tracker/src/service/place-patience.ts";
import type { SwarmStore } from "../../tracker/src/store/swarm-store.ts";
import type { InfoHash } from "../../tracker/src/swarm/identifiers.ts";
import { DEFAULT_POLICY, type SwarmPolicy } from "../../tracker/src/swarm/policy.ts";
import { findHostAddress, hostAddressText } from "../../tracker/src/wire/compact-address.ts";

type StoreFactory = (policy: SwarmPolicy) => SwarmStore | Promise<SwarmStore>;

const PAYLOAD = 64 * 2 ** 20;
const ORIGIN = "127.0.0.10";
const CAP = DEFAULT_POLICY.levels[0]?.maxRepresentatives ?? 0;
/** Prompt clients, so that a handout is what the rule of who allows; and rtorrent, for what it alone is told. */
const PROMPT = "-LT2080-";
const RTORRENT = "-lt0D80-";

const RACKS = [1, 2].map((rack) => ({ prefix: `127.0.${rack}.0/24`, path: `rack${rack}`, source: "the racks here" }));

interface Tracker {
  readonly store: SwarmStore;
  readonly infoHash: InfoHash;
  announce(host: string, said?: Said): Promise<Told>;
  scrape(): Promise<Record<string, unknown>>;
}

interface Said {
  readonly left?: number;
  readonly event?: string;
  readonly client?: string;
  readonly extra?: string;
}

interface Told {
  readonly fields: Readonly<Record<string, unknown>>;
  /** Addresses handed out in `peers`, compact or not. */
  readonly hosts: readonly string[];
}

const servers = new Set<Server>();

export function announceOverHttpSuite(name: string, createStore: StoreFactory): void {
  const start = (state: TransferState = "active") => startTracker(createStore, state);

  describe(`${name}: an announce over HTTP`, () => {
    afterEach(() => {
      for (const server of servers) server.close().closeAllConnections();
      servers.clear();
    });
    whoTests(start);
    raceTests(start);
    replyTests(start);
  });
}

type Start = (state?: TransferState) => Promise<Tracker>;

function whoTests(start: Start): void {
  it("hands a rack's first host the origin, and its members only their own rack", async () => {
    const tracker = await start();
    await tracker.announce(ORIGIN, { left: 0 });
    const first = await tracker.announce("127.0.1.1");
    expect(first.hosts).toEqual([ORIGIN]);
    await tracker.announce("127.0.2.1");
    const handed: string[] = [];
    for (const host of ["127.0.1.2", "127.0.1.3", "127.0.1.4"]) handed.push(...(await tracker.announce(host)).hosts);
    expect(handed).not.toEqual([]);
    expect(handed.filter((host) => !host.startsWith("127.0.1."))).toEqual([]);
  });

  it("lets the next in line stand for its rack as soon as a representative stops", async () => {
    const tracker = await start();
    for (const host of ["127.0.1.1", "127.0.1.2", "127.0.1.3"]) await tracker.announce(host);
    expect(await representatives(tracker)).toEqual(["127.0.1.1", "127.0.1.2"]);
    await tracker.announce("127.0.1.1", { event: "stopped" });
    expect(await representatives(tracker)).toEqual(["127.0.1.2", "127.0.1.3"]);
  });
}

function raceTests(start: Start): void {
  it("keeps a rack to its cap when 200 peers announce into it at once", async () => {
    const tracker = await start();
    await tracker.announce(ORIGIN, { left: 0 });
    await tracker.announce("127.0.2.1");
    const hosts = Array.from({ length: 200 }, (_, index) => `127.0.1.${index + 1}`);
    const crossing = new Set<string>();
    for (let round = 0; round < 3; round++) {
      const told = await Promise.all(hosts.map((host) => tracker.announce(host, round === 0 ? {} : { event: "" })));
      told.forEach((reply, index) => {
        expect(reply.fields).not.toHaveProperty("failure reason");
        if (reply.hosts.some((handed) => !handed.startsWith("127.0.1."))) crossing.add(hosts[index] ?? "");
      });
      const standing = (await representatives(tracker)).filter((host) => host.startsWith("127.0.1."));
      expect(standing).toHaveLength(CAP);
    }
    expect(crossing.size).toBeGreaterThan(0);
    expect(crossing.size).toBeLessThanOrEqual(CAP);
  });
}

function replyTests(start: Start): void {
  it("tells the same peers compactly and as dictionaries, with both intervals", async () => {
    const compact = await start();
    const dictionary = await start();
    for (const tracker of [compact, dictionary]) await tracker.announce(ORIGIN, { left: 0 });
    const short = await compact.announce("127.0.1.1");
    const long = await dictionary.announce("127.0.1.1", { extra: "&compact=0&no_peer_id=1" });
    expect(long.hosts).toEqual(short.hosts);
    for (const { fields } of [short, long]) {
      expect(fields).toMatchObject({ complete: 1, incomplete: 1, interval: expect.any(Number) });
      expect(fields["min interval"]).toBe(fields.interval);
      expect(Buffer.from(fields["external ip"] as Uint8Array)).toEqual(Buffer.from([127, 0, 1, 1]));
    }
  });

  it("counts in a scrape what was announced", async () => {
    const tracker = await start();
    await tracker.announce(ORIGIN, { left: 0 });
    await tracker.announce("127.0.1.1");
    await tracker.announce("127.0.1.2");
    await tracker.announce("127.0.1.1", { left: 0, event: "completed" });
    const { flags } = await tracker.scrape();
    expect(flags).toEqual({ min_request_interval: expect.any(Number) });
    expect(await counts(tracker)).toEqual([{ complete: 2, downloaded: 1, incomplete: 1 }]);
  });

  it.each(["registered", "inactive"] as const)("hands out nobody while the transfer is %s", async (state) => {
    const tracker = await start(state);
    const rtorrent = await tracker.announce("127.0.1.1", { client: RTORRENT });
    expect(textOf(rtorrent.fields["failure reason"])).toContain("activate it");
    const other = await tracker.announce("127.0.1.2");
    expect(other.hosts).toEqual([]);
    expect(other.fields).toMatchObject({ complete: 0, incomplete: 0 });
    expect(textOf(other.fields["warning message"])).toContain("activate it");
    expect(await counts(tracker)).toEqual([]);
  });
}

async function representatives({ store, infoHash }: Tracker): Promise<string[]> {
  const peers = await store.inspect(infoHash, Date.now());
  return peers.filter((peer) => peer.role === "representative").map((peer) => peer.address);
}

async function counts(tracker: Tracker): Promise<unknown[]> {
  const { files } = await tracker.scrape();
  return Object.values(files as object);
}

/** Racks are `127.0.<rack>.0/24`, so a client's place is its loopback address. */
async function startTracker(createStore: StoreFactory, state: TransferState): Promise<Tracker> {
  const infoHash = "ab".repeat(20) as InfoHash;
  const store = await createStore(DEFAULT_POLICY);
  const service = createAnnounceService({
    store,
    registry: registryOf(transfer(infoHash, state)),
    patience: NO_PATIENCE,
    identify: BY_HOST,
    resolver: createSubnetResolver({ prefixes: RACKS, levels: ["rack"] }),
    policy: DEFAULT_POLICY,
    settings: { passiveIntervalSeconds: 1800, inactiveReply: "auto", unknownRack: "own" },
    termsOf: createTransferTerms(findHostAddress),
    addressText: hostAddressText,
    now: Date.now,
    random: Math.random,
  });
  const port = await listen(service);
  const escaped = "%ab".repeat(20);
  return {
    store,
    infoHash,
    announce: (host, said = {}) => announce(port, escaped, host, said),
    scrape: () => fetchBencode(port, `/scrape?info_hash=${escaped}`, "127.0.0.1"),
  };
}

async function listen(service: ReturnType<typeof createAnnounceService>): Promise<number> {
  const log = { error: (details: object) => expect(details).toBe("no error") };
  const parts = { service, trustedProxies: [], proxyPass: false, allowCidrs: [], log, faults: createFaultCounts() };
  const frontend = createHttpFrontend(parts);
  const server = createServer(frontend.handle);
  frontend.takeConnections(server);
  servers.add(server);
  await once(server.listen(0, "0.0.0.0", 511), "listening");
  return (server.address() as AddressInfo).port;
}

async function announce(port: number, infoHash: string, host: string, said: Said): Promise<Told> {
  const { left = PAYLOAD, event = "started", client = PROMPT, extra = "" } = said;
  const peerId = client + host.padEnd(12, "_");
  const amounts = `uploaded=0&downloaded=${PAYLOAD - left}&left=${left}`;
  const query = `info_hash=${infoHash}&peer_id=${peerId}&port=6881&${amounts}&event=${event}${extra}`;
  const fields = await fetchBencode(port, `/announce?${query}`, host);
  return { fields, hosts: handedHosts(fields.peers) };
}

async function fetchBencode(port: number, path: string, localAddress: string): Promise<Record<string, unknown>> {
  const outgoing = get({ host: "127.0.0.1", port, path, localAddress, agent: false });
  const [response] = (await once(outgoing, "response")) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  expect(response.statusCode).toBe(200);
  return oracle.decode(Buffer.concat(chunks)) as unknown as Record<string, unknown>;
}

function textOf(bytes: unknown): string {
  return Buffer.from((bytes ?? []) as Uint8Array).toString("utf8");
}

function handedHosts(peers: unknown): string[] {
  if (Array.isArray(peers)) return peers.map((peer: { ip: Uint8Array }) => Buffer.from(peer.ip).toString());
  const bytes = Buffer.from((peers ?? []) as Uint8Array);
  return Array.from({ length: bytes.length / 6 }, (_, index) => bytes.subarray(index * 6, index * 6 + 4).join("."));
}

/** One transfer is all the registry that an announce asks for; registries have a suite of their own. */
function registryOf(only: Transfer): AnnounceRegistry {
  return {
    lookup: (infoHash) => (infoHash === only.infoHash ? only : undefined),
    noteProgress: () => {},
    bans: { lookup: () => undefined, turnsAway: () => undefined },
  };
}

function transfer(infoHash: InfoHash, state: TransferState): Transfer {
  const never = { deactivatedAt: undefined, firstStartedAt: undefined, lastStartedAt: undefined };
  return {
    ...never,
    infoHash,
    name: "app",
    lengthBytes: PAYLOAD,
    pieceLengthBytes: 2 ** 18,
    fileCount: 1,
    state,
    origins: [ORIGIN],
    targets: [],
    registeredAt: 0,
    activatedAt: undefined,
    firstCompletedAt: undefined,
    lastCompletedAt: undefined,
  };
}
