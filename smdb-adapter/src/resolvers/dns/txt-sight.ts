// Where TXT records say that a host is: `dc=ams1`, `rack=rack12`, or `path=ams1/row4/rack12`.
import { parseTopologyPath } from "../../topology-path.ts";
import type { TopologyPath } from "../../topology-resolver.ts";
import type { TextTemplate } from "../../text-template.ts";
import { shorter } from "./dns-client.ts";
import type { HostLookup } from "./host-lookup.ts";
import { recordNameOf } from "./record-name.ts";
import { isDefined, onePlace, type Sight, soundPath } from "./sighting.ts";

export interface TxtSightOptions {
  readonly name: TextTemplate;
  /** Whose values make the path, outermost first. */
  readonly keys: readonly string[];
  readonly levels: readonly string[] | undefined;
}

type Attributes = ReadonlyMap<string, readonly string[]>;

/** What comes before a value: the beginning or a separator, a key and `=`. */
const KEY = /(?:^|[\s;,]+)([\p{L}\p{N}_-]+)=/u;
const SEPARATORS_AT_END = /[\s;,]+$/;

export function createTxtSight({ name: template, keys, levels }: TxtSightOptions): Sight {
  function pathOfLevels(values: Attributes, host: HostLookup, source: string): readonly TopologyPath[] {
    const missing = keys.filter((key) => !values.has(key.toLowerCase()));
    if (missing.length === keys.length) return [];
    if (missing.length > 0) {
      host.blame("level-missing", `${source} does not say ${missing.map((key) => `${key}=`).join(" and ")}`);
      return [];
    }
    return [keys.map((key) => oneValue(key, values.get(key.toLowerCase()) ?? [], host, source))];
  }

  return async (host) => {
    const at = await recordNameOf(template, host);
    if (at === undefined) return undefined;
    const found = await host.records(at.name, "TXT");
    const source = `the TXT record of ${at.name}`;
    const values = attributesOf(found.values.flatMap(textsOf));
    const written = values.get("path") ?? pathOfLevels(values, host, source);
    const paths = written.map((path) => soundPath(parseTopologyPath(path, levels), host, source)).filter(isDefined);
    const path = onePlace(paths, host, source);
    return path && { path, ttlSeconds: shorter(at.ttlSeconds, found.ttlSeconds) };
  };
}

function oneValue(key: string, values: readonly string[], host: HostLookup, source: string): string {
  const [first = "", ...others] = [...new Set(values)].sort();
  if (others.length > 0) {
    host.blame("several-places", `${source} says ${key}=${[first, ...others].join(` and ${key}=`)}; ${first} is taken`);
  }
  return first;
}

/** The strings of one record. */
function textsOf(data: unknown): readonly string[] {
  const parts: readonly unknown[] = Array.isArray(data) ? data : [data];
  return parts.map((part) => (Buffer.isBuffer(part) ? part.toString("utf8") : String(part)));
}

/** All values of each key, keys in lower case; what has no key is about something else. */
function attributesOf(texts: readonly string[]): Attributes {
  const attributes = new Map<string, string[]>();
  for (const text of texts) {
    const parts = text.split(KEY).slice(1);
    for (let at = 0; at + 1 < parts.length; at += 2) {
      const key = (parts[at] ?? "").toLowerCase();
      const value = (parts[at + 1] ?? "").replace(SEPARATORS_AT_END, "");
      const known = attributes.get(key);
      if (known === undefined) attributes.set(key, [value]);
      else known.push(value);
    }
  }
  return attributes;
}
