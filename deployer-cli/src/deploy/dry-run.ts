// `deploy --dry-run`: what would happen, without hashing, asking a host or changing anything.
import type { Transfer } from "../api/resources.ts";
import { oneLine } from "../output/table.ts";
import { shortList } from "../output/transfer-tables.ts";
import { formatBytes, formatCount } from "../output/units.ts";
import { scanPayload } from "../torrent/payload.ts";
import { locateRacks, type Crew } from "./conducting.ts";
import type { DeployOptions } from "./deploy.ts";
import { originAddresses } from "./origin.ts";
import { activeReleases } from "./release-history.ts";
import { checkReleaseName, seriesOf } from "./release-name.ts";
import { planWaves } from "./waves.ts";

const NAMED = 6;

export interface DryRun {
  readonly release: {
    readonly name: string;
    readonly series: string;
    readonly lengthBytes: number;
    readonly fileCount: number;
  };
  readonly via: Crew["via"];
  readonly origins: readonly string[];
  readonly waves: readonly { readonly index: number; readonly share: string; readonly hosts: readonly string[] }[];
  /** Hosts by rack; those whose place is not known are under `unknown`. */
  readonly racks: Readonly<Record<string, number>>;
  /** The state of the transfer of that name; null when it would be a new one. */
  readonly transfer: Transfer["state"] | null;
  /** Releases that `--keep` would take off the hosts. */
  readonly removed: readonly string[];
}

export async function printDryRun(options: DeployOptions, crew: Crew, json: boolean): Promise<void> {
  await crew.driver.check();
  const plan = await planDeploy(options, crew);
  const { terminal } = crew.session;
  if (json) terminal.printJson(plan);
  else terminal.print(describePlan(plan));
}

async function planDeploy(options: DeployOptions, { client, via, session }: Crew): Promise<DryRun> {
  const payload = await scanPayload(options.path, session.signal);
  const name = checkReleaseName(options.name ?? payload.name);
  const series = seriesOf(name);
  const transfers = await client.list();
  const racks = [...(await locateRacks(client, options.hosts)).values()].map((rack) => rack ?? "unknown");
  const known = transfers.find((transfer) => transfer.name === name && transfer.state !== "inactive");
  const others = activeReleases(transfers, series).filter((transfer) => transfer !== known);
  return {
    release: { name, series, lengthBytes: payload.lengthBytes, fileCount: payload.files.length },
    via,
    origins: await originAddresses(options.origin),
    waves: planWaves(options.waves, options.hosts).map(({ index, label, hosts }) => ({
      index,
      share: label,
      hosts: hosts.map((host) => host.name),
    })),
    racks: Object.fromEntries(
      [...Map.groupBy(racks.toSorted(), (rack) => rack)].map(([rack, all]) => [rack, all.length]),
    ),
    transfer: known?.state ?? null,
    removed: options.keep === undefined ? [] : others.slice(options.keep - 1).map((transfer) => transfer.name),
  };
}

export function describePlan({ release, via, origins, waves, racks, transfer, removed }: DryRun): string {
  const places = Object.entries(racks).map(([rack, hosts]) => `${oneLine(rack)} (${hosts})`);
  return [
    `release   ${release.name}, of the series ${release.series}: ${formatBytes(release.lengthBytes)} in ${formatCount(release.fileCount, "file")}`,
    `transfer  ${transfer === null ? "new" : `there is one of this name, ${transfer}; it goes on if its content is the same`}`,
    `origin    ${origins.join(" ")}`,
    `via       ${via}`,
    `racks     ${shortList(places, NAMED)}`,
    ...waves.map(
      ({ index, share, hosts }) =>
        `wave ${String(index).padEnd(4)} ${share}: ${formatCount(hosts.length, "host")}: ${shortList(hosts.map(oneLine), NAMED)}`,
    ),
    ...(removed.length > 0 ? [`removes   ${removed.map(oneLine).join(" ")}`] : []),
    "Nothing was changed.",
  ].join("\n");
}
