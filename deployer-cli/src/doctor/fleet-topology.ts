// Does the tracker know the rack of every host of a list?
import type { TrackerClient } from "../api/tracker-client.ts";
import { shortList } from "../output/transfer-tables.ts";
import { formatCount } from "../output/units.ts";
import { askForHosts } from "../topology/host-answers.ts";
import { readHostsFile } from "../topology/hosts-file.ts";
import { checkTopology, countFindings, type TopologyReport } from "../topology/topology-check.ts";
import { type Check, failed, type Finding, ok, warning } from "./check.ts";

export function fleetTopology(file: string, client: Pick<TrackerClient, "locate">): Check {
  return {
    name: "topology",
    run: async (signal) => {
      const hosts = await readHostsFile(file);
      return judgeTopology(
        file,
        checkTopology(await askForHosts(hosts, { client, onProgress: () => undefined, signal })),
      );
    },
  };
}

function judgeTopology(file: string, report: TopologyReport): Finding {
  const remedy = `See all of it: rackcast topology check ${file}`;
  const nowhere = [...report.unknown, ...report.unresolved].map(({ host }) => host);
  if (nowhere.length > 0) {
    return failed(`nobody knows the rack of ${formatCount(nowhere.length, "host")}: ${shortList(nowhere, 3)}`, remedy);
  }
  const findings = countFindings(report);
  const seen = `${formatCount(report.hosts, "host")} in ${formatCount(report.racks, "rack")}`;
  return findings === 0 ? ok(seen) : warning(`${seen}, ${formatCount(findings, "finding")}`, remedy);
}
