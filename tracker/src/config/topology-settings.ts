// Whom the tracker asks where addresses are, out of the settings: one chain, in which the short settings stand before the list.
import { readResolverDefinitions, type ResolverDefinition, type WrittenDefinition } from "@rackcast/smdb-adapter";
import type { ConfigFault } from "./faults.ts";
import type { GivenValue } from "./setting-sources.ts";
import type { SettingName, Settings } from "./settings.ts";

export interface TopologyConfig {
  /** In the order they are asked in. */
  readonly definitions: readonly ResolverDefinition[];
  /** Of those that say nothing of their own. */
  readonly ttlSeconds: number;
  readonly negativeTtlSeconds: number;
  /** Longest that an announce waits. */
  readonly timeoutSeconds: number;
  /** Longest that a host is kept waiting for its place. */
  readonly patienceSeconds: number;
}

/** Of settings without `topologyFaults`. */
export function topologyConfigOf(settings: Settings): TopologyConfig {
  const { TOPOLOGY_FILE: file, SMDB_URL: url, RESOLVERS: list } = settings;
  const written = [...(file === "" ? [] : [fromFile(file)]), ...(url === "" ? [] : [fromUrl(url)]), ...listed(list)];
  return {
    definitions: readResolverDefinitions(written).definitions,
    ttlSeconds: settings.TOPOLOGY_TTL,
    negativeTtlSeconds: settings.TOPOLOGY_NEGATIVE_TTL,
    timeoutSeconds: settings.TOPOLOGY_TIMEOUT,
    patienceSeconds: settings.TOPOLOGY_PATIENCE,
  };
}

/** What is wrong with one value that its schema allows. */
export function topologyFaults(name: SettingName, { source, value }: GivenValue): readonly ConfigFault[] {
  if (name === "RESOLVERS") return readResolverDefinitions(listed(value as readonly unknown[], source)).faults;
  if (name !== "SMDB_URL" || value === "") return [];
  const url = URL.parse(String(value));
  if (url === null || !/^https?:$/.test(url.protocol)) {
    return [{ source, problem: "is no URL of a service; write it like https://smdb.example" }];
  }
  if (url.username !== "" || url.password !== "") {
    const problem = "holds a user or a password; use RESOLVERS with a definition of type rest and its token_file";
    return [{ source, problem }];
  }
  return readResolverDefinitions([fromUrl(String(value), source)]).faults;
}

function fromFile(file: string): WrittenDefinition {
  return { source: "TOPOLOGY_FILE", value: { type: "file", file } };
}

function fromUrl(url: string, source = "SMDB_URL"): WrittenDefinition {
  return { source, value: { type: "rest", url } };
}

function listed(list: readonly unknown[], source = "RESOLVERS"): WrittenDefinition[] {
  return list.map((value, index) => ({ source: `${source}[${index}]`, value }));
}
