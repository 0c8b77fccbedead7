// Prints a plan for people: what is sent where, how long it takes, what else it could cost, and what to set. Pure.
import { formatTable, oneLine, type Column } from "../output/table.ts";
import type { Colors } from "../output/terminal.ts";
import { formatBytes, formatCount, formatSeconds, formatShare } from "../output/units.ts";
import { hanging, wrapped } from "../output/wrapping.ts";
import type { Alternative } from "./alternatives.ts";
import { tightestLink } from "./client-rate.ts";
import type { Plan } from "./plan.ts";
import { hostCount } from "./plan-request.ts";
import { rackColumns, similarRacks } from "./rack-table.ts";
import type { ClientLimit } from "./settings.ts";

export interface Paper {
  readonly columns: number;
  readonly colors: Colors;
}

export function printPlan(plan: Plan, { columns, colors }: Paper): string {
  const racks = formatTable(rackColumns(plan, columns), similarRacks(plan.estimate.racks), colors);
  const comparison = formatTable(COMPARISON_COLUMNS, comparisonOf(plan, colors), colors);
  return [introduction(plan, columns), racks, conclusion(plan, columns), comparison, settingLines(plan, colors)].join(
    "\n\n",
  );
}

function introduction({ request }: Plan, columns: number): string {
  const { payloadBytes, racks, datacenterMbps, accessMbps, originMbps, budget } = request;
  const within = datacenterMbps.size > 0 ? ` in ${formatCount(datacenterMbps.size, "datacenter")}` : "";
  const outer = datacenterMbps.size > 0 ? `${spreadOf([...datacenterMbps.values()])} into datacenters, ` : "";
  const links = `${outer}${spreadOf(racks.map(({ uplinkMbps }) => uplinkMbps))} into racks, ${accessMbps} to hosts, ${originMbps} from the origin`;
  return [
    `payload  ${formatBytes(payloadBytes)} to ${formatCount(hostCount(request), "host")} in ${formatCount(racks.length, "rack")}${within}`,
    hanging("links    ", `Mbit/s: ${links}`, { columns, leadColumns: 9 }),
    `budget   ${formatShare(budget)} of each link`,
  ].join("\n");
}

function spreadOf(speeds: readonly number[]): string {
  const [least, most] = speeds.reduce(([low, high], speed) => [Math.min(low, speed), Math.max(high, speed)], [
    Infinity,
    0,
  ] as [number, number]);
  return least === most ? `${least}` : `${least}–${most}`;
}

function conclusion({ request, estimate }: Plan, columns: number): string {
  const { worst, totalSeconds, fedByOrigin } = estimate;
  const groups = request.datacenterMbps.size || request.racks.length;
  const what = request.datacenterMbps.size > 0 ? "datacenter" : "rack";
  const turns =
    fedByOrigin < groups
      ? `The origin feeds ${formatCount(fedByOrigin, what)} at a time; they pass it on.`
      : `The origin feeds every ${what} at once.`;
  const isOneLast = estimate.racks.some(({ doneSeconds }) => doneSeconds < totalSeconds);
  const last = isOneLast ? `, those of ${oneLine(worst.rack.name)} last` : "";
  return [
    `All hosts are done after ${formatSeconds(totalSeconds)}${last}. ${turns}`,
    clientLine(estimate.clientMbps, request),
  ]
    .map((line) => wrapped(line, columns))
    .join("\n");
}

function clientLine(clientMbps: number, request: Plan["request"]): string {
  if (request.budget === 1 && request.clientMbps === undefined) return "Clients need no limit: the links are it.";
  const { name, mbps, slots } = tightestLink(request);
  const share = formatShare(Math.min(1, (slots * clientMbps) / mbps + 1e-9));
  return `At worst ${formatCount(slots, "client")} × ${rounded(clientMbps)} Mbit/s take ${share} of ${oneLine(name)}.`;
}

/** What is said of the others is a bound: links that are never idle. */
interface Way {
  readonly name: string;
  readonly copies: number;
  readonly uplinkBytes: number;
  readonly seconds: string;
}

const COMPARISON_COLUMNS: readonly Column<Way>[] = [
  { head: "AT THE SAME BUDGET", cell: ({ name }) => name },
  { head: "COPIES INTO A RACK", align: "right", cell: ({ copies }) => `${rounded(copies)}` },
  { head: "OVER ALL UPLINKS", align: "right", cell: ({ uplinkBytes }) => formatBytes(uplinkBytes) },
  { head: "LAST HOST", align: "right", cell: ({ seconds }) => seconds },
];

function comparisonOf(plan: Plan, { bold }: Colors): Way[] {
  const { estimate } = plan;
  const uplinkBytes = estimate.racks.reduce((sum, { bytesIn }) => sum + bytesIn, 0);
  const other = (name: string, { mostCopiesIntoRack, ...rest }: Alternative): Way => {
    return { name, copies: mostCopiesIntoRack, ...rest, seconds: `≥ ${formatSeconds(rest.totalSeconds)}` };
  };
  return [
    { name: bold("Rackcast"), copies: 1, uplinkBytes, seconds: formatSeconds(estimate.totalSeconds) },
    other("topology-blind swarm", plan.topologyBlindSwarm),
    other("HTTP from one server", plan.httpFromOneServer),
  ];
}

function settingLines({ settings }: Plan, { bold }: Colors): string {
  const tracker = Object.entries(settings.tracker).map(([name, value]) => `  ${name}=${value}`);
  return [
    bold("Tracker's settings"),
    ...tracker,
    `${bold("Hosts' clients")}: ${limitText(settings.hosts)}`,
    `${bold("Origin's client")}: ${limitText(settings.origin)}`,
  ].join("\n");
}

function limitText({ bandwidth, kiBps }: ClientLimit): string {
  if (bandwidth === undefined) return "no limit";
  const { accessMbps, share } = bandwidth;
  return `${kiBps} KiB/s each way; for rackcast config render rtorrent:\n  --bandwidth-access-mbps ${accessMbps} --bandwidth-share ${share}`;
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
