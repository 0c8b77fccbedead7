// The composition root: every part of a tracker, from the data folder to the open port.
import { createServer } from "node:http";
import { performance } from "node:perf_hooks";
import {
  createCachedResolver,
  type FileResolver,
  startFileResolver,
  TopologyError,
  type TopologyResolver,
} from "@rackcast/smdb-adapter";
import { createApi } from "./api/api.ts";
import type { TrackerConfig } from "./config/config.ts";
import { openDataFolder } from "./data-folder.ts";
import { createHttpFrontend } from "./frontends/http/http-frontend.ts";
import { startJobs } from "./jobs/jobs.ts";
import { LEADS_ALWAYS } from "./jobs/leadership.ts";
import { listen, type ListeningAddress, stopListening } from "./listening.ts";
import { RegistryError } from "./registry/errors.ts";
import { openSqliteRegistry } from "./registry/sqlite-registry.ts";
import { logAnnounces } from "./service/announce-log.ts";
import { createAnnounceService } from "./service/announce-service.ts";
import { createTransferTerms } from "./service/transfer-terms.ts";
import { startSnapshotSchedule } from "./snapshot-schedule.ts";
import { StartupError } from "./startup-error.ts";
import { createMemoryStore, type MemoryStoreOptions, type MemoryStore } from "./store/memory-store.ts";
import { openSnapshots } from "./store/snapshots.ts";
import type { InfoHash } from "./swarm/identifiers.ts";
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

export interface Tracker {
  /** Rejects with `StartupError`; nothing is left open then. */
  start(): Promise<ListeningAddress>;
  /** Reads the topology file again; what is wrong with it is logged, and the old one stays. */
  reloadTopology(): Promise<void>;
  /** Ends the connections, saves the swarms, and lets go of the data folder. */
  close(): Promise<void>;
}

const EVERY_SECOND = "* * * * * *";
const elapsed = () => performance.now();
const NO_SWARM = "0".repeat(40) as InfoHash;

export function createTracker(config: TrackerConfig, { now, random, log }: TrackerDependencies): Tracker {
  const closing: (() => unknown)[] = [];
  let topology: FileResolver | undefined;

  async function open(): Promise<ListeningAddress> {
    const folder = openDataFolder(config.dataDir);
    closing.push(() => folder.close());

    const registry = openSqliteRegistry(folder.file("registry.sqlite"), { log });
    closing.push(() => registry.close());

    const swarms = { policy: config.policy, random, addressText: hostAddressText };
    const store = openStore(folder.file("swarms.sqlite"), swarms, now());
    closing.push(() => store.close());

    topology = await openTopology(config, log, () => resolver.clear());
    const { ttlSeconds, negativeTtlSeconds, timeoutSeconds } = config.topology;
    const resolver = createCachedResolver(topology ?? KNOWS_NOTHING, {
      ttlSeconds,
      negativeTtlSeconds,
      timeoutMs: timeoutSeconds * 1000,
      now: elapsed,
      onFailure: (address, err) => log.warn({ err, address }, "the place of a host was not found out"),
    });
    closing.push(() => resolver.close());

    const quiet = createAnnounceService({
      store,
      registry,
      resolver,
      policy: config.policy,
      settings: config.announces,
      termsOf: createTransferTerms(findHostAddress),
      addressText: hostAddressText,
      now,
      random,
    });
    const writeDebug = (details: object, message: string) => log.debug(details, message);
    const service = config.debug ? logAnnounces(quiet, { addressText: hostAddressText, write: writeDebug }) : quiet;

    const frontend = createHttpFrontend({ service, ...config, log });
    const api = createApi({
      registry,
      store,
      locate: resolver.explain,
      policy: config.policy,
      settings: { apiToken: config.apiToken, unknownRack: config.announces.unknownRack },
      checks: { registry: () => registry.list(), store: () => store.scrape(NO_SWARM) },
      now,
      log,
      serverFactory: (answerApi) =>
        createServer((request, response) => {
          if (frontend.handles(request.url ?? "")) frontend.handle(request, response);
          else answerApi(request, response);
        }),
      onClientError: frontend.onClientError,
    });
    closing.push(() => api.close());
    await api.ready();

    const jobs = startJobs({
      jobs: [{ name: "sweep", schedule: EVERY_SECOND, run: () => store.sweep(now()) }],
      leadership: LEADS_ALWAYS,
      onError: (err, job) => log.error({ err, job }, "a job failed; it runs again when it is due"),
    });
    closing.push(() => jobs.close());
    const saving = startSnapshotSchedule({
      everySeconds: config.snapshotEverySeconds,
      save: () => store.save(now()),
      onError: (err) => log.error({ err }, "the swarms could not be saved; free space in DATA_DIR"),
      elapsed,
    });
    closing.push(() => saving.close());

    const address = await listen(api.server, config);
    closing.push(() => stopListening(api.server));
    return address;
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
    async reloadTopology() {
      await topology?.reload();
    },
    close,
  };
}

const KNOWS_NOTHING: TopologyResolver = { name: "none", locate: () => undefined, close: async () => {} };

async function openTopology(
  config: TrackerConfig,
  log: TrackerLog,
  onLoaded: () => void,
): Promise<FileResolver | undefined> {
  if (config.topologyFile === undefined) {
    log.warn({}, "no topology: every host counts as in an unknown rack; name a file by --topology-file");
    return undefined;
  }
  return startFileResolver({
    file: config.topologyFile,
    levels: config.policy.levels.map(({ name }) => name),
    onReload(result) {
      if (result.kind === "refused") return log.error({ err: result.error }, "topology refused; the one before stays");
      onLoaded();
      log.info({ file: result.file, prefixCount: result.prefixCount }, "topology read again");
    },
  });
}

function openStore(file: string, options: Omit<MemoryStoreOptions, "snapshots">, now: number): MemoryStore {
  try {
    return createMemoryStore({ ...options, snapshots: openSnapshots(file) }, now);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new StartupError("SNAPSHOTS_UNREADABLE", `the snapshots in ${file} cannot be read (${why})`, { cause });
  }
}

function tellable(error: unknown): unknown {
  if (error instanceof RegistryError) return new StartupError("REGISTRY_REFUSED", error.message, { cause: error });
  if (error instanceof TopologyError) return new StartupError("TOPOLOGY_REFUSED", error.message, { cause: error });
  return error;
}
