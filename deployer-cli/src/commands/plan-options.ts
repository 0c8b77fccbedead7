// Reads the values of `rackcast plan`'s options: speeds and hosts, for all or by name.
import { InvalidArgumentError } from "commander";
import { CommandError } from "../errors.ts";
import type { HostCounts, LinkSpeeds } from "../plan/fleet.ts";
import { parseCount, parseShare } from "./options.ts";

/** `1000`, `1000,rack7=100`, again and again. */
export function collectSpeeds(text: string, previous: LinkSpeeds | undefined): LinkSpeeds {
  const before = previous ?? { mbps: undefined, byName: new Map<string, number>() };
  return text.split(",").reduce<LinkSpeeds>(({ mbps, byName }, part) => {
    const [, name, speed] = /^(?:(.+)=)?([^=]+)$/.exec(part.trim()) ?? [];
    const value = parseMbps(speed ?? "");
    return name === undefined ? { mbps: value, byName } : { mbps, byName: new Map(byName).set(name, value) };
  }, before);
}

export function parseMbps(text: string): number {
  const mbps = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (mbps > 0 && mbps <= 1e6) return mbps;
  throw new InvalidArgumentError("Give a speed in Mbit/s, such as 1000, or rack7=100 for one link.");
}

/** `40`, or `rack1=12,rack2=30`. */
export function parseRacks(text: string): number | HostCounts {
  if (!text.includes("=")) return parseCount(text);
  const pairs = text.split(",").map((part) => /^(.+)=(\d+)$/.exec(part.trim()));
  return new Map(
    pairs.map((pair) => {
      const [, name, hosts] = pair ?? [];
      if (name !== undefined && hosts !== undefined) return [name, parseCount(hosts)];
      throw new InvalidArgumentError("Give how many racks there are, or the hosts of each: rack1=12,rack2=30.");
    }),
  );
}

/** Above 0 % to 100 %. */
export function parseBudget(text: string): number {
  const share = parseShare(text);
  if (share > 0) return share;
  throw new InvalidArgumentError("Give a share above 0%, such as 30%.");
}

/** What of `choices` was given; throws `USAGE` unless it is one. */
export function exactlyOne(choices: Readonly<Record<string, unknown>>, hint: string): void {
  const given = Object.keys(choices).filter((name) => choices[name] !== undefined);
  if (given.length === 1) return;
  const fault = given.length === 0 ? "Nothing says" : `${given.join(" and ")} both say`;
  throw new CommandError("USAGE", `${fault} ${hint}`);
}
