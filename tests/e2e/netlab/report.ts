// The lab's figures for people: one table of all runs, and the timeline of one run.
import Table from "cli-table3";
import { bytesIntoRack } from "./measure.ts";
import type { RunOutcome } from "./run-outcome.ts";

/** One row for each scenario and tracker, over all their runs. */
export function printTable(outcomes: readonly RunOutcome[]): string {
  const table = new Table({
    head: [
      "scenario",
      "tracker",
      "runs",
      "last host s",
      "÷ ideal",
      "wire in",
      "payload in",
      "crossed",
      "into dc",
      "rack 1 s",
      "cpu",
    ],
    colAligns: ["left", "left", "right", "right", "right", "right", "right", "right", "right", "right", "right"],
    style: { head: [], border: [], compact: true },
  });
  for (const runs of grouped(outcomes).values()) table.push(row(runs));
  return `${table.toString()}\n${LEGEND}`;
}

const LEGEND = `last host: median (min–max); ÷ ideal: median ÷ the best any rule could do (payload ÷ uplink, unless hosts join late)
in: copies of the payload into a rack, mean / worst rack. wire: all bytes the uplink carried into the rack, headers (4.6 %), acknowledgements
and announces included, nothing subtracted; payload: what the clients' own per-peer counters say came from outside the rack
crossed: most hosts of any rack that got a piece or more from outside it; into dc: payload copies into a datacenter, mean / worst; rack 1: when its last living host was complete`;

function row(runs: readonly RunOutcome[]): string[] {
  const [first] = runs;
  const racks = runs.flatMap((run) => run.racks);
  const datacenters = runs.flatMap((run) => run.datacenters);
  const rackOne = runs.map((run) => run.racks[0]?.doneAtSeconds);
  const makespans = runs.map((run) => run.makespanSeconds);
  const middle = median(makespans);
  return [
    first?.scenario ?? "",
    first?.tracker ?? "",
    `${runs.length}`,
    span(makespans),
    middle === undefined ? "–" : (middle / (first?.idealSeconds ?? 1)).toFixed(2),
    meanAndWorst(racks.map((rack) => rack.wireCopies)),
    meanAndWorst(racks.map((rack) => rack.payloadCopies)),
    `${Math.max(...racks.map((rack) => rack.hostsCrossed))}`,
    datacenters.length === 0 ? "–" : meanAndWorst(datacenters.map((center) => center.payloadCopies)),
    span(rackOne),
    `${Math.round(Math.max(...runs.map((run) => run.processorShare)) * 100)} %`,
  ];
}

/** One line for a run, as it ends. */
export function printRun(run: RunOutcome): string {
  const racks = run.racks.map((rack) => `${rack.payloadCopies.toFixed(2)} by ${rack.hostsCrossed}`).join(", ");
  const time = run.makespanSeconds === undefined ? unfinished(run) : `${run.makespanSeconds.toFixed(1)} s`;
  const centers = run.datacenters.map((center) => `${center.payloadCopies.toFixed(2)} by ${center.hostsCrossed}`);
  const tier = centers.length === 0 ? "" : `, per datacenter ${centers.join(", ")}`;
  const event = run.event === undefined ? "" : ` (${run.event})`;
  return `${run.scenario} · ${run.tracker}: ${time}; payload in per rack ${racks}${tier}; cpu ${Math.round(run.processorShare * 100)} %${event}`;
}

/** One row a second, one column a host: percent complete, `·` when done, `x` when killed. */
export function printTimeline(run: RunOutcome): string {
  const names = run.hosts.map((record) => record.host.name.replace(/^r\d+/, "").padStart(3));
  const bars = run.hosts.map((record, index) => (record.host.rack !== run.hosts[index - 1]?.host.rack ? " |" : ""));
  const racks = run.hosts.map(
    (record, index) => `${bars[index] ?? ""}${bars[index] ? `r${record.host.rack}`.padStart(4) : "    "}`,
  );
  const lines = run.timeline.map((moment) => {
    const cells = run.hosts.map((record, index) => {
      const killedNow = record.killed && moment.progress[index] === record.progress;
      return `${bars[index] ?? ""} ${cell(moment.progress[index] ?? 0, killedNow)}`;
    });
    return `${moment.atSeconds.toFixed(0).padStart(4)}${cells.join("")}`;
  });
  const head = run.hosts.map((_, index) => `${bars[index] ?? ""} ${names[index] ?? ""}`);
  const crossed = run.hosts.map(
    (record, index) => `${bars[index] ?? ""} ${percent(bytesIntoRack(record) / run.payloadBytes)}`,
  );
  return [`    ${racks.join("")}`, `   s${head.join("")}`, ...lines, `out%${crossed.join("")}`].join("\n");
}

function cell(progress: number, killed: boolean): string {
  if (killed) return "  x";
  return progress >= 1 ? "  ·" : percent(progress);
}

function percent(share: number): string {
  return `${Math.floor(share * 100)}`.padStart(3);
}

function unfinished(run: RunOutcome): string {
  const late = run.hosts.filter((record) => !record.killed && record.completedAtSeconds === undefined);
  return `NOT DONE: ${late.map((record) => `${record.host.name} ${Math.floor(record.progress * 100)} %`).join(", ")}`;
}

function grouped(outcomes: readonly RunOutcome[]): Map<string, RunOutcome[]> {
  return Map.groupBy(outcomes, (outcome) => `${outcome.scenario} ${outcome.tracker}`);
}

function span(times: readonly (number | undefined)[]): string {
  const done = times.filter((time) => time !== undefined);
  const middle = median(times);
  const failed = times.length - done.length;
  if (middle === undefined) return failed === 0 ? "–" : "not done";
  const range = times.length > 1 ? ` (${Math.min(...done).toFixed(1)}–${Math.max(...done).toFixed(1)})` : "";
  return `${middle.toFixed(1)}${range}${failed > 0 ? `, ${failed} not done` : ""}`;
}

/** A run that was never done counts as the longest of all. */
function median(times: readonly (number | undefined)[]): number | undefined {
  const sorted = times.map((time) => time ?? Number.POSITIVE_INFINITY).toSorted((one, other) => one - other);
  const middle = sorted[Math.floor(sorted.length / 2)];
  return middle === undefined || middle === Number.POSITIVE_INFINITY ? undefined : middle;
}

function meanAndWorst(values: readonly number[]): string {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return `${mean.toFixed(2)} / ${Math.max(...values).toFixed(2)}`;
}
