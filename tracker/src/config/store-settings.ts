// Where swarms and transfers are kept, out of the settings: the memory of this tracker, or exactly one Redis.
import type { RedisAddress, RedisPlace, RedisSettings } from "../redis/redis-settings.ts";
import type { ConfigFault } from "./faults.ts";
import { parseRedisAddress, parseRedisUrl, type RedisUrl } from "./redis-address.ts";
import type { GivenValue } from "./setting-sources.ts";
import { textOfValue } from "./setting-values.ts";
import { SETTINGS, type SettingName, type Settings } from "./settings.ts";

export type StoreConfig =
  | { readonly kind: "memory" }
  | {
      readonly kind: "redis";
      readonly redis: RedisSettings;
      /** How long the swarm of a deactivated transfer is kept. */
      readonly archiveDays: number;
    };

const SHORT_NAMES = ["REDISHOST", "REDISPORT"] as const;
const REDIS_NAMES = [
  "REDIS_URL",
  ...SHORT_NAMES,
  "REDIS_SENTINELS",
  "REDIS_MASTER_NAME",
  "REDIS_SENTINEL_PASSWORD",
  "REDIS_CLUSTER",
  "REDIS_USERNAME",
  "REDIS_PASSWORD",
  "REDIS_TLS",
  "REDIS_TLS_CA",
] as const;
const LOCAL_HOST = "127.0.0.1";

/** What no single setting is to blame for. */
export function storeFaults(settings: Settings, given: ReadonlyMap<SettingName, GivenValue>): ConfigFault[] {
  const sourceOf = (name: SettingName) => given.get(name)?.source ?? name;
  const isGiven = (name: SettingName) => given.has(name) && textOfValue(settings[name]) !== "";
  if (settings.STORE === "memory") {
    const isDefault = (name: SettingName) => textOfValue(settings[name]) === textOfValue(SETTINGS.get(name)?.default);
    const problem = "is given, but STORE is memory, which uses no Redis; set STORE to redis, or remove it";
    return REDIS_NAMES.filter((name) => isGiven(name) && !isDefault(name)).map((name) => ({
      source: sourceOf(name),
      problem,
    }));
  }
  return redisContradictions(settings, isGiven).map(([name, problem]) => ({ source: sourceOf(name), problem }));
}

/** Of values that are each well-formed. */
export function storeConfigOf(settings: Settings): StoreConfig {
  if (settings.STORE === "memory") return { kind: "memory" };
  const url = urlOf(settings);
  const redis = {
    place: placeOf(settings, url),
    username: settings.REDIS_USERNAME || url?.username,
    password: settings.REDIS_PASSWORD || url?.password,
    tls: usesTls(settings, url) ? { caFile: settings.REDIS_TLS_CA || undefined } : undefined,
  };
  return { kind: "redis", redis, archiveDays: settings.ARCHIVE_DAYS };
}

/** What is wrong with one value that its schema allows. */
export function faultyRedisText(name: SettingName, value: unknown): string | undefined {
  if (name === "REDIS_URL" && value !== "" && parseRedisUrl(String(value)) === undefined) {
    return "is no address of a Redis; write it like redis://host:6379/0, and give its password by REDIS_PASSWORD";
  }
  if (name !== "REDIS_SENTINELS" && name !== "REDIS_CLUSTER") return undefined;
  const faulty = (value as string[]).find((text) => parseRedisAddress(text) === undefined);
  return faulty === undefined ? undefined : `${JSON.stringify(faulty)} is no host:port; write it like 10.0.0.5:26379`;
}

type Contradiction = readonly [SettingName, string];

function redisContradictions(settings: Settings, isGiven: (name: SettingName) => boolean): Contradiction[] {
  return [
    ...placeContradictions(settings, isGiven),
    ...accessContradictions(settings, isGiven),
    ...tlsContradictions(settings, isGiven),
  ];
}

function placeContradictions(settings: Settings, isGiven: (name: SettingName) => boolean): Contradiction[] {
  const short = SHORT_NAMES.filter(isGiven);
  const single = isGiven("REDIS_URL") ? (["REDIS_URL"] as const) : short.slice(0, 1);
  const places = [...single, ...(["REDIS_SENTINELS", "REDIS_CLUSTER"] as const).filter(isGiven)];
  const [first, ...more] = places;
  const found: Contradiction[] = [];
  if (first === undefined) {
    const problem = "is redis, but no Redis is named; give one of REDIS_URL, REDIS_SENTINELS and REDIS_CLUSTER";
    found.push(["STORE", problem]);
  }
  found.push(...more.map((name) => [name, `names a Redis, but so does ${first}; keep one of the two`] as const));
  const url = urlOf(settings)?.address;
  if (isGiven("REDIS_URL") && url !== undefined) {
    const wanted = { REDISHOST: url.host, REDISPORT: url.port };
    const contrary = short.filter((name) => settings[name] !== wanted[name]);
    const problem = "says something else than REDIS_URL; keep one of the two";
    found.push(...contrary.map((name) => [name, problem] as const));
  }
  return found;
}

function accessContradictions(settings: Settings, isGiven: (name: SettingName) => boolean): Contradiction[] {
  const url = urlOf(settings);
  const found: Contradiction[] = [];
  for (const [name, part] of [
    ["REDIS_USERNAME", "username"],
    ["REDIS_PASSWORD", "password"],
  ] as const) {
    if (isGiven(name) && url?.[part] !== undefined && url[part] !== settings[name]) {
      found.push([name, `is another one than that in REDIS_URL; keep one of the two`]);
    }
  }
  if (isGiven("REDIS_USERNAME") && !isGiven("REDIS_PASSWORD") && url?.password === undefined) {
    found.push(["REDIS_USERNAME", "has no password; give it by REDIS_PASSWORD"]);
  }
  const ofSentinels = (["REDIS_MASTER_NAME", "REDIS_SENTINEL_PASSWORD"] as const).filter(isGiven);
  if (!isGiven("REDIS_SENTINELS")) {
    const problem = "is for Sentinels, but none is named; give REDIS_SENTINELS, or remove it";
    found.push(...ofSentinels.map((name) => [name, problem] as const));
  }
  return found;
}

function tlsContradictions(settings: Settings, isGiven: (name: SettingName) => boolean): Contradiction[] {
  const url = urlOf(settings);
  if (isGiven("REDIS_TLS") && !settings.REDIS_TLS && url?.isTls === true) {
    return [["REDIS_TLS", "is false, but REDIS_URL begins with rediss://; write redis:// there, or remove it"]];
  }
  if (!isGiven("REDIS_TLS_CA") || usesTls(settings, url)) return [];
  return [["REDIS_TLS_CA", "is for TLS, which is not switched on; set REDIS_TLS to true, or remove it"]];
}

function urlOf(settings: Settings): RedisUrl | undefined {
  return parseRedisUrl(settings.REDIS_URL);
}

function usesTls(settings: Settings, url: RedisUrl | undefined): boolean {
  return settings.REDIS_TLS || url?.isTls === true;
}

function placeOf(settings: Settings, url: RedisUrl | undefined): RedisPlace {
  const nodes = addressesOf(settings.REDIS_CLUSTER);
  const sentinels = addressesOf(settings.REDIS_SENTINELS);
  if (nodes.length > 0) return { kind: "cluster", nodes };
  if (sentinels.length > 0) {
    const password = settings.REDIS_SENTINEL_PASSWORD || undefined;
    return { kind: "sentinel", sentinels, masterName: settings.REDIS_MASTER_NAME, password };
  }
  const short = { host: settings.REDISHOST || LOCAL_HOST, port: settings.REDISPORT };
  return { kind: "single", address: url?.address ?? short, database: url?.database ?? 0 };
}

function addressesOf(texts: readonly string[]): RedisAddress[] {
  return texts.map(parseRedisAddress).filter((address) => address !== undefined);
}
