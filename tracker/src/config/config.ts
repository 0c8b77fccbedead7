// The tracker's configuration: flags over environment over YAML file over defaults, refused with all faults at once.
import type { SinkSettings } from "../accounting/sinks/sink-settings.ts";
import type { LevelPolicy, LinkSpeeds, SwarmPolicy } from "../swarm/policy.ts";
import { createAddressRanges } from "../wire/address-ranges.ts";
import { ConfigError, type ConfigFault } from "./faults.ts";
import {
  readEnvironment,
  readFlags,
  readYaml,
  type GivenFlags,
  type GivenSettings,
  type GivenValue,
} from "./setting-sources.ts";
import { describeValues, isValueOf } from "./setting-values.ts";
import { SETTINGS, type SettingName, type Settings } from "./settings.ts";
import { faultySinkText, sinkConfigOf, sinkFaults } from "./sink-settings.ts";
import { faultyRedisText, storeConfigOf, storeFaults, type StoreConfig } from "./store-settings.ts";
import { topologyConfigOf, type TopologyConfig, topologyFaults } from "./topology-settings.ts";
import { tlsConfigOf, tlsFaults, type TlsConfig } from "./tls-settings.ts";

export interface WebtorrentConfig {
  readonly intervalSeconds: number;
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  readonly maxMessageBytes: number;
  readonly maxOffers: number;
  readonly maxHashes: number;
  readonly messagesPerSecond: number;
}

export interface AccountingConfig {
  readonly linkMbits: number;
  readonly maxPending: number;
  readonly totalsDays: number;
  /** Undefined: deltas are handed to nobody. */
  readonly sink: SinkSettings | undefined;
}

export interface TrackerConfig {
  readonly host: string;
  readonly port: number;
  readonly udp: UdpConfig | undefined;
  readonly dataDir: string;
  /** Undefined where TLS is not spoken. */
  readonly tls: TlsConfig | undefined;
  readonly store: StoreConfig;
  readonly topology: TopologyConfig;
  readonly policy: SwarmPolicy;
  readonly announces: {
    readonly passiveIntervalSeconds: number;
    readonly inactiveReply: "auto" | "failure" | "empty";
    readonly unknownRack: "shared" | "own" | "refuse";
  };
  /** Undefined: nobody counts what clients move. */
  readonly accounting: AccountingConfig | undefined;
  /** Undefined: not served. */
  readonly webtorrent: WebtorrentConfig | undefined;
  readonly proxyPass: boolean;
  readonly trustedProxies: readonly string[];
  readonly allowCidrs: readonly string[];
  readonly announceKeys: "off" | "optional" | "required";
  readonly banFile: string | undefined;
  readonly apiToken: string | undefined;
  readonly live: {
    readonly isOn: boolean;
    readonly hasPeerjs: boolean;
    readonly limits: {
      readonly hashesPerConnection: number;
      readonly connections: number;
      readonly connectionsPerHost: number;
    };
  };
  /** `user` or `user:group`. */
  readonly runAs: string | undefined;
  readonly snapshotEverySeconds: number;
  readonly debug: boolean;
}

/** Undefined is switched off. */
export interface UdpConfig {
  /** Undefined takes the number of the TCP port. */
  readonly port: number | undefined;
  readonly socket: "auto" | "batched" | "dgram";
  readonly connectionCheck: "strict" | "tolerant";
  readonly secret: string | undefined;
}

export interface ConfigSources {
  /** Without the executable and the script. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readFile: (file: string) => string;
}

export interface CheckedSettings {
  readonly flags: GivenFlags;
  /** Of all sources, the strongest of each. */
  readonly given: ReadonlyMap<SettingName, GivenValue>;
  readonly settings: Settings;
}

/** Throws `ConfigError` with every fault of every source. */
export function readConfig(sources: ConfigSources): TrackerConfig | "help" {
  const checked = checkSettings(sources);
  return checked === "help" ? "help" : configOf(checked.settings, sources.env);
}

/** As `readConfig`. */
export function checkSettings(sources: ConfigSources): CheckedSettings | "help" {
  const flags = readFlags(sources.args);
  if (flags.help) return "help";
  const file = readConfigFile(flags.configFile, sources.readFile);
  const given = [file, readEnvironment(sources.env), flags];
  const values = new Map(given.flatMap((source) => [...source.values]));
  const faults = [...given.flatMap((source) => source.faults), ...given.flatMap(valueFaults)];
  if (faults.length > 0) throw new ConfigError(faults);
  const settings = settle(values);
  const contradictions = contradictionsOf(settings, values);
  if (contradictions.length > 0) throw new ConfigError(contradictions);
  return { flags, given: values, settings };
}

function readConfigFile(file: string | undefined, readFile: ConfigSources["readFile"]): GivenSettings {
  if (file === undefined) return { values: new Map(), faults: [] };
  try {
    return readYaml(readFile(file), file);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { values: new Map(), faults: [{ source: "--config", problem: `${file} cannot be read (${why})` }] };
  }
}

function valueFaults({ values }: GivenSettings): ConfigFault[] {
  return [...values].flatMap(([name, given]): readonly ConfigFault[] => {
    const { source, value, written } = given;
    const schema = SETTINGS.get(name);
    if (schema === undefined) return [];
    if (!isValueOf(schema, value)) return [{ source, problem: `got ${written}; takes ${describeValues(schema)}` }];
    const problem =
      faultyRange(name, value) ??
      faultyUdpPort(name, value) ??
      faultyRedisText(name, value) ??
      faultySinkText(name, value);
    return problem === undefined ? topologyFaults(name, given) : [{ source, problem }];
  });
}

function faultyRange(name: SettingName, value: unknown): string | undefined {
  if (name !== "TRUSTED_PROXIES" && name !== "ALLOW_CIDRS") return undefined;
  try {
    createAddressRanges(value as string[]);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const MAX_PORT = 65535;

function faultyUdpPort(name: SettingName, value: unknown): string | undefined {
  if (name !== "UDP_PORT" || !(Number(value) > MAX_PORT)) return undefined;
  return `got ${String(value)}; takes same, off, or a port from 0 to ${MAX_PORT}`;
}

function settle(given: ReadonlyMap<SettingName, GivenValue>): Settings {
  const entries = [...SETTINGS].map(([name, schema]) => [name, given.get(name)?.value ?? schema.default]);
  return Object.fromEntries(entries) as Settings;
}

/** What no single setting is to blame for. */
function contradictionsOf(settings: Settings, given: ReadonlyMap<SettingName, GivenValue>): ConfigFault[] {
  const sourceOf = (name: SettingName) => given.get(name)?.source ?? name;
  const levels = settings.LEVELS;
  const faults = [...storeFaults(settings, given), ...tlsFaults(settings, given), ...sinkFaults(settings, given)];
  if (new Set(levels).size < levels.length) {
    faults.push({ source: sourceOf("LEVELS"), problem: "names a level twice; give every level a name of its own" });
  }
  for (const name of ["MAX_REPR", "ACTIVE_REPR"] as const) {
    const strangers = Object.keys(settings[name]).filter((level) => !levels.includes(level));
    if (strangers.length > 0) {
      const problem = `names ${strangers.join(", ")}, but LEVELS is ${levels.join(",")}; use those names`;
      faults.push({ source: sourceOf(name), problem });
    }
    const ofRack = settings[name][levels.at(-1) ?? ""];
    const rackName = `${name}_RACK` as const;
    if (ofRack !== undefined && given.has(rackName) && ofRack !== settings[rackName]) {
      const problem = `got ${settings[rackName]}, but ${sourceOf(name)} says ${ofRack} for ${levels.at(-1)}; keep one of the two`;
      faults.push({ source: sourceOf(rackName), problem });
    }
  }
  for (const { name, maxRepresentatives, activeRepresentatives } of levelsOf(settings)) {
    if (activeRepresentatives <= maxRepresentatives) continue;
    const source = given.has("ACTIVE_REPR") ? sourceOf("ACTIVE_REPR") : sourceOf("ACTIVE_REPR_RACK");
    const problem = `lets ${activeRepresentatives} pull into each ${name} where at most ${maxRepresentatives} may represent it; lower it, or raise MAX_REPR`;
    faults.push({ source, problem });
  }
  const links = ["UPLINK_MBITS", "ACCESS_MBITS", "ORIGIN_MBITS"] as const;
  const missing = links.filter((name) => settings[name] === 0);
  if (missing.length > 0 && missing.length < links.length) {
    const problem = "is missing: the speeds of the three links are given together, or none of them";
    faults.push(...missing.map((name) => ({ source: sourceOf(name), problem })));
  }
  return faults;
}

const WIDER_LEVEL = { maxRepresentatives: 2, activeRepresentatives: 1 } as const;

function levelsOf(settings: Settings): LevelPolicy[] {
  const rack = { maxRepresentatives: settings.MAX_REPR_RACK, activeRepresentatives: settings.ACTIVE_REPR_RACK };
  return settings.LEVELS.map((name, index) => {
    const fallback = index === settings.LEVELS.length - 1 ? rack : WIDER_LEVEL;
    return {
      name,
      maxRepresentatives: settings.MAX_REPR[name] ?? fallback.maxRepresentatives,
      activeRepresentatives: settings.ACTIVE_REPR[name] ?? fallback.activeRepresentatives,
    };
  });
}

/** All three or none. */
function linkSpeeds(settings: Settings): LinkSpeeds | undefined {
  const { UPLINK_MBITS: uplink, ACCESS_MBITS: access, ORIGIN_MBITS: origin } = settings;
  return uplink > 0 && access > 0 && origin > 0 ? { uplink, access, origin } : undefined;
}

function udpConfigOf(settings: Settings): UdpConfig | undefined {
  if (settings.UDP_PORT === "off") return undefined;
  return {
    port: settings.UDP_PORT === "same" ? undefined : Number(settings.UDP_PORT),
    socket: settings.UDP_SOCKET,
    connectionCheck: settings.UDP_CONNECTION_CHECK,
    secret: settings.UDP_SECRET || undefined,
  };
}

function accountingConfigOf(settings: Settings): AccountingConfig {
  return {
    linkMbits: settings.LINK_MBITS,
    maxPending: settings.ACCOUNTING_MAX_PENDING,
    totalsDays: settings.ACCOUNTING_TOTALS_DAYS,
    sink: sinkConfigOf(settings),
  };
}

function configOf(settings: Settings, env: ConfigSources["env"]): TrackerConfig {
  return {
    host: settings.HOST,
    port: settings.PORT,
    udp: udpConfigOf(settings),
    dataDir: settings.DATA_DIR || env["STATE_DIRECTORY"]?.split(":")[0] || "./rackcast-data",
    tls: tlsConfigOf(settings),
    store: storeConfigOf(settings),
    topology: topologyConfigOf(settings),
    policy: {
      levels: levelsOf(settings),
      maxPeers: settings.MAXPEERS,
      introduction: settings.INTRODUCTION,
      links: linkSpeeds(settings),
      announceEverySeconds: settings.ANNOUNCE_EVERY,
      activeIntervalSeconds: settings.ACTIVE_INTERVAL,
    },
    announces: {
      passiveIntervalSeconds: settings.PASSIVE_INTERVAL,
      inactiveReply: settings.INACTIVE_REPLY,
      unknownRack: settings.UNKNOWN_RACK,
    },
    accounting: settings.ACCOUNTING ? accountingConfigOf(settings) : undefined,
    webtorrent: settings.WEBTORRENT ? webtorrentConfigOf(settings) : undefined,
    proxyPass: settings.PROXYPASS,
    trustedProxies: settings.TRUSTED_PROXIES,
    allowCidrs: settings.ALLOW_CIDRS,
    announceKeys: settings.ANNOUNCE_KEYS,
    banFile: settings.BAN_FILE || undefined,
    apiToken: settings.API_TOKEN || undefined,
    live: {
      isOn: settings.LIVE,
      hasPeerjs: settings.PEERJS,
      limits: {
        hashesPerConnection: settings.LIVE_MAX_HASHES,
        connections: settings.LIVE_MAX_CONNECTIONS,
        connectionsPerHost: settings.LIVE_MAX_CONNECTIONS_PER_HOST,
      },
    },
    runAs: settings.RUN_AS || undefined,
    snapshotEverySeconds: settings.SNAPSHOT_EVERY,
    debug: settings.DEBUG,
  };
}

function webtorrentConfigOf(settings: Settings): WebtorrentConfig {
  return {
    intervalSeconds: settings.WEBTORRENT_INTERVAL,
    maxConnections: settings.WS_MAX_CONNECTIONS,
    maxConnectionsPerAddress: settings.WS_MAX_CONNECTIONS_PER_ADDRESS,
    maxMessageBytes: settings.WS_MAX_MESSAGE_BYTES,
    maxOffers: settings.WS_MAX_OFFERS,
    maxHashes: settings.WS_MAX_HASHES,
    messagesPerSecond: settings.WS_MESSAGES_PER_SECOND,
  };
}
