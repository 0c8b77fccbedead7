// How many hosts of a list are in which rack, as the tracker counts them.
import type { TrackerClient } from "../api/tracker-client.ts";
import { CommandError } from "../errors.ts";
import { createLiveLine } from "../output/live-line.ts";
import { isTerminal } from "../output/terminal.ts";
import { shortList } from "../output/transfer-tables.ts";
import { formatCount } from "../output/units.ts";
import type { Session } from "../session.ts";
import { askForHosts } from "../topology/host-answers.ts";
import { readHostsFile } from "../topology/hosts-file.ts";
import type { CheckedHost } from "../topology/topology-check.ts";
import type { HostCounts } from "./fleet.ts";

/** Hosts that no resolver knows count where the tracker puts them, and are noted. Throws `USAGE`, `TOPOLOGY_FINDINGS`. */
export async function locateRacks(
  file: string,
  client: Pick<TrackerClient, "locate">,
  { terminal, signal }: Session,
): Promise<HostCounts> {
  const hosts = await readHostsFile(file);
  const line = isTerminal(terminal.stderr) ? createLiveLine(terminal.stderr) : undefined;
  const onProgress = (done: number) => line?.show(`Located ${done} of ${formatCount(hosts.length, "host")}`);
  const checked = await askForHosts(hosts, { client, onProgress, signal }).finally(() => line?.close());
  refuseNameless(checked);
  const unknown = checked.filter(({ answers: [first] }) => first?.path === null).map(({ host }) => host);
  if (unknown.length > 0) {
    terminal.note(`Note: nobody knows the rack of ${shortList(unknown, 3)}; see: rackcast topology check ${file}`);
  }
  return countByRack(checked);
}

function refuseNameless(checked: readonly CheckedHost[]): void {
  const nameless = checked.filter(({ answers }) => answers.length === 0).map(({ host }) => host);
  if (nameless.length === 0) return;
  const message = `${shortList(nameless, 3)} cannot be resolved; correct the list, or its names in DNS.`;
  throw new CommandError("TOPOLOGY_FINDINGS", message);
}

/** A host with many addresses is where its first one is; one that is listed twice is one. */
function countByRack(checked: readonly CheckedHost[]): HostCounts {
  const places = new Map(checked.map(({ answers: [first] }) => [first?.address, first?.group.join("/") || "refused"]));
  const counts = new Map<string, number>();
  for (const place of places.values()) counts.set(place, (counts.get(place) ?? 0) + 1);
  return new Map([...counts].toSorted(([one], [other]) => one.localeCompare(other, "en", { numeric: true })));
}
