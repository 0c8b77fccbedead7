// The composition root: every part of a tracker, from the data folder to the open port.
import { createServer, type Server } from "node:http";
import { performance } from "node:perf_hooks";
import { prefetch, type TopologyChain, TopologyError } from "@rackcast/smdb-adapter";
import { type Accounting, startAccounting } from "./accounting/accounting.ts";
import { LedgerError } from "./accounting/ledger.ts";
import { createApi } from "./api/api.ts";
import { type BanFile, startBanFile } from "./bans/ban-file-reading.ts";
import { BanError } from "./bans/errors.ts";
import { withBanFile } from "./bans/filed-bans.ts";
import { isHostBanned } from "./bans/host-ban.ts";
import type { TrackerConfig, UdpConfig, WebtorrentConfig } from "./config/config.ts";
import { createFaultCounts, type FaultCounts } from "./frontends/fault-counts.ts";
import { createHttpFrontend } from "./frontends/http/http-frontend.ts";
import { createLiveFrontend, type LiveFrontend, type LiveFrontendOptions } from "./frontends/live/live-frontend.ts";
import type { PeerjsFrontend } from "./frontends/live/peerjs.ts";
import { createSenderCheck } from "./frontends/sender-check.ts";
import { createConnectionIds } from "./frontends/udp/connection-ids.ts";
import type { UdpSocket } from "./frontends/udp/packet.ts";
import { createUdpFrontend } from "./frontends/udp/udp-frontend.ts";
import { connectionKey, openUdpSocket } from "./frontends/udp/udp-server.ts";
import { createUpgrades } from "./frontends/upgrades.ts";
import {
  createWebtorrentFrontend,
  type WebtorrentFrontend,
  type WebtorrentFrontendOptions,
} from "./frontends/webtorrent/webtorrent-frontend.ts";
import { explainUdp, listen, type ListeningAddress, stopListening } from "./listening.ts";
import type { LiveDirectory } from "./live/directory.ts";
import { createMetrics, type Metrics } from "./metrics/metrics.ts";
import { takePrivileges } from "./privileges.ts";
import { RedisError } from "./redis/errors.ts";
import { RegistryError } from "./registry/errors.ts";
import { logAnnounces } from "./service/announce-log.ts";
import { type AnnounceService, createAnnounceService } from "./service/announce-service.ts";
import { createPlacePatience } from "./service/place-patience.ts";
import { createTransferTerms } from "./service/transfer-terms.ts";
import { createUserIdentifier } from "./service/user-identifier.ts";
import { StartupError } from "./startup-error.ts";
import { openStorage } from "./storage/open-storage.ts";
import type { Storage } from "./storage/storage.ts";
import { startTlsListener, type TlsListener, type TlsListenerOptions } from "./tls-listening.ts";
import { allTransports, webrtcSwarms } from "./store/transports.ts";
import type { InfoHash } from "./swarm/identifiers.ts";
import { openTopology } from "./topology/open-topology.ts";
import { findHostAddress, hostAddressText } from "./wire/compact-address.ts";

export interface TrackerLog {
  error(details: object, message: string): void;
  warn(details: object, message: string): void;
  info(details: object, message: string): void;
  debug(details: object, message: string): void;
}

export interface TrackerDependencies {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** 0 inclusive to 1 exclusive. */
  readonly random: () => number;
  readonly log: TrackerLog;
}

export interface TrackerAddress extends ListeningAddress {
  /** Undefined when UDP is switched off. */
  readonly udpPort: number | undefined;
}

export interface Tracker {
  /** Rejects with `StartupError`; nothing is left open then. */
  start(): Promise<TrackerAddress>;
  /** Reads topology, bans and certificate again; what is wrong with one file is logged, and what it said before stays. */
  reload(): Promise<void>;
  /** Ends the connections, saves the swarms, and lets go of the data folder. */
  close(): Promise<void>;
}

const elapsed = () => performance.now();
const WEBTORRENT_PATHS = ["/", "/announce", "/announce/*"];
const ADDRESSES = { text: hostAddressText, parse: findHostAddress };

export function createTracker(config: TrackerConfig, { now, random, log }: TrackerDependencies): Tracker {
  const closing: (() => unknown)[] = [];
  let topology: TopologyChain | undefined;
  let banFile: BanFile | undefined;
  let tls: TlsListener | undefined;
  const startedAt = elapsed();

  async function open(): Promise<TrackerAddress> {
    const parts = { policy: config.policy, codec: ADDRESSES, log, now, elapsed, random };
    const privileges = takePrivileges(config.runAs);
    const storage = await privileges.asUser(() => openStorage(config, parts));
    closing.push(() => storage.close());
    const { store } = storage;

    banFile = await privileges.asUser(() => openBanFile(config, { now, log }));
    closing.push(() => banFile?.close());
    const bans = banFile === undefined ? storage.registry.bans : withBanFile(storage.registry.bans, banFile);
    const registry = { ...storage.registry, bans };

    const faults = createFaultCounts();
    const connections = () => ({
      webtorrent: webtorrent?.connections() ?? 0,
      live: live?.connectionCount() ?? 0,
    });
    const metrics = createMetrics({ faults: faults.totals, connections });
    const { observe } = metrics.topology;
    const { programPrefix } = privileges;
    const resolver = await privileges.asUser(() => openTopology(config, { log, elapsed, observe, programPrefix }));
    closing.push(() => resolver.close());
    metrics.topology.watch(resolver.links);
    topology = resolver;

    const accounting = await privileges.asUser(() => openAccounting(config, { storage, metrics, log }));
    closing.push(() => accounting?.close());

    const patience = createPlacePatience({
      seconds: config.topology.patienceSeconds,
      hasAnswered: resolver.hasAnswered,
      addressText: hostAddressText,
      elapsed,
    });
    const announceParts = {
      store,
      registry,
      resolver,
      patience,
      identify: createUserIdentifier({
        mode: config.announceKeys,
        keys: storage.registry.announceKeys,
        onFault: faults.count,
        now,
      }),
      policy: config.policy,
      settings: config.announces,
      termsOf: createTransferTerms(findHostAddress),
      accounting,
      addressText: hostAddressText,
      now,
      random,
    };
    const writeDebug = (details: object, message: string) => log.debug(details, message);
    const told = (quiet: AnnounceService) =>
      config.debug ? logAnnounces(quiet, { addressText: hostAddressText, write: writeDebug }) : quiet;
    const service = told(createAnnounceService(announceParts));
    const webrtcService = told(createAnnounceService({ ...announceParts, store: webrtcSwarms(store) }));

    const webtorrent = openWebtorrent(config, { service: webrtcService, storage, faults, log, elapsed, random });
    let live: LiveFrontend | undefined;
    let peerjs: PeerjsFrontend | undefined;
    const frontend = createHttpFrontend({ service, ...config, faults, log });
    const api = createApi({
      registry,
      store: allTransports(store),
      topology: resolver,
      onHostReport: metrics.reports.count,
      callerOf: createSenderCheck(config),
      accounting,
      onActivated: ({ origins, targets }) => void prefetch(resolver, [...origins, ...targets]),
      policy: config.policy,
      settings: { apiToken: config.apiToken, unknownRack: config.announces.unknownRack },
      checks: storage.checks,
      health: {
        uptimeSeconds: () => (elapsed() - startedAt) / 1000,
        connections,
        faults: faults.totals,
      },
      metrics,
      now,
      log,
      serverFactory: (answerApi) =>
        createServer({ noDelay: false, requireHostHeader: false }, (request, response) => {
          const url = request.url ?? "";
          if (frontend.refuses(request, response)) return;
          if (frontend.handles(url)) frontend.handle(request, response);
          else if (peerjs?.handles(url)) peerjs.handle(request, response);
          else answerApi(request, response);
        }),
      onClientError: frontend.onClientError,
    });
    closing.push(() => api.close());
    await api.ready();

    const upgrades = createUpgrades();
    for (const path of WEBTORRENT_PATHS) if (webtorrent) upgrades.register(path, webtorrent.handleUpgrade);
    api.server.on("upgrade", upgrades.handle);
    const senders = { hostOf: createSenderCheck(config, (host) => isHostBanned(bans, host)), faults };
    live = config.live.isOn ? openLive(config, storage.live, senders) : undefined;
    if (live !== undefined) upgrades.register("/live", live.handleUpgrade);
    if (config.live.hasPeerjs) {
      peerjs = await openPeerjs(config, api.server, senders);
      upgrades.register(peerjs.upgradePath, peerjs.handleUpgrade);
    }

    const accept = frontend.takeConnections(api.server);
    const address = await listen(api.server, config);
    closing.push(() => stopListening(api.server, frontend));
    tls = await openTls(config, { accept, onFault: faults.count, log });
    closing.push(() => tls?.close());
    closing.push(() => webtorrent?.close());
    closing.push(() => live?.close());
    closing.push(() => peerjs?.close());
    const udp =
      config.udp === undefined ? undefined : await openUdp(config.udp, { config, address, service, faults, now, log });
    closing.push(() => udp?.close());
    privileges.drop();
    return { ...address, udpPort: udp?.port };
  }

  async function close(): Promise<void> {
    for (let end = closing.pop(); end !== undefined; end = closing.pop()) await end();
  }

  return {
    async start() {
      try {
        return await open();
      } catch (error) {
        await close();
        throw tellable(error);
      }
    },
    async reload() {
      await Promise.all([topology?.reload(), banFile?.reload(), tls?.reload()]);
    },
    close,
  };
}

async function openTls(
  { tls, host }: TrackerConfig,
  parts: Pick<TlsListenerOptions, "accept" | "onFault" | "log">,
): Promise<TlsListener | undefined> {
  if (tls === undefined) return undefined;
  const listener = await startTlsListener({ ...tls, host, ...parts });
  parts.log.info(listener.address, "listening for TLS");
  return listener;
}

type Senders = Pick<LiveFrontendOptions, "hostOf" | "faults">;

function openLive({ live: { limits } }: TrackerConfig, directory: LiveDirectory, senders: Senders): LiveFrontend {
  return createLiveFrontend({ directory, limits, elapsed, ...senders });
}

type WebtorrentParts = Omit<
  WebtorrentFrontendOptions,
  keyof TrackerConfig | keyof WebtorrentConfig | "lengthBytes" | "channel"
> & { readonly storage: Storage };

/** Undefined when it is switched off. */
function openWebtorrent(config: TrackerConfig, { storage, ...parts }: WebtorrentParts): WebtorrentFrontend | undefined {
  if (config.webtorrent === undefined) return undefined;
  const lengthBytes = (infoHash: InfoHash) => storage.registry.lookup(infoHash)?.lengthBytes;
  const channel = storage.openChannel?.("webtorrent");
  return createWebtorrentFrontend({ ...config, ...config.webtorrent, ...parts, lengthBytes, channel });
}

async function openBanFile(
  { banFile: file }: TrackerConfig,
  { now, log }: Pick<TrackerDependencies, "now" | "log">,
): Promise<BanFile | undefined> {
  return file === undefined ? undefined : startBanFile({ file, now, log });
}

/** Undefined when it is switched off. */
async function openAccounting(
  { accounting }: TrackerConfig,
  { storage, metrics, log }: { readonly storage: Storage; readonly metrics: Metrics; readonly log: TrackerLog },
): Promise<Accounting | undefined> {
  if (accounting === undefined) return undefined;
  const traffic = metrics.addTraffic();
  const started = await startAccounting({ ...accounting, ledger: storage.ledger }, { log, onRecorded: traffic.count });
  traffic.watch(started);
  return started;
}

async function openPeerjs(config: TrackerConfig, server: Server, senders: Senders): Promise<PeerjsFrontend> {
  const { createPeerjsFrontend } = await import("./frontends/live/peerjs.ts");
  const { connections } = config.live.limits;
  return createPeerjsFrontend({ server, connections, elapsed, ...senders });
}

interface UdpParts {
  readonly config: TrackerConfig;
  /** Where TCP listens. */
  readonly address: ListeningAddress;
  readonly service: AnnounceService;
  readonly faults: FaultCounts;
  readonly now: () => number;
  readonly log: TrackerLog;
}

async function openUdp(udp: UdpConfig, { config, address, now, ...parts }: UdpParts): Promise<UdpSocket> {
  const connectionIds = createConnectionIds({ key: connectionKey(udp.secret), check: udp.connectionCheck, now });
  const answer = createUdpFrontend({
    ...parts,
    connectionIds,
    allowCidrs: config.allowCidrs,
    readsKeys: config.announceKeys !== "off",
  });
  const onError = (err: Error) => parts.log.error({ err }, "UDP cannot be read");
  const { host } = address;
  const open = (port: number) => openUdpSocket(udp.socket, { host, port, answer, onError });
  const port = udp.port ?? address.port;
  try {
    return await open(port);
  } catch (error) {
    // The number that TCP found free may be taken for UDP.
    if (config.port === 0 && udp.port === undefined) return open(0);
    throw explainUdp(error, { host, port });
  }
}

function tellable(error: unknown): unknown {
  if (error instanceof RedisError) return new StartupError("REDIS_REFUSED", error.message, { cause: error });
  if (error instanceof RegistryError) return new StartupError("REGISTRY_REFUSED", error.message, { cause: error });
  if (error instanceof BanError) return new StartupError("BAN_FILE_REFUSED", error.message, { cause: error });
  if (error instanceof LedgerError) return new StartupError("ACCOUNTING_REFUSED", error.message, { cause: error });
  if (error instanceof TopologyError) return new StartupError("TOPOLOGY_REFUSED", error.message, { cause: error });
  return error;
}
