// What the demo has to show for itself: who took how much from where, rack by rack; pure.
import { formatTable, type Column } from "../output/table.ts";
import type { Colors } from "../output/terminal.ts";
import { formatBytes, formatSeconds } from "../output/units.ts";
import { type DemoHost, type DemoPlan, type DemoSpeeds, uplinkSeconds } from "./demo-plan.ts";
import type { SourceLedger } from "./source-ledger.ts";

export interface HostReport {
  readonly address: string;
  readonly rack: string;
  /** From the start of the distribution until the host was complete. */
  readonly seconds: number;
  /** Payload that came from other racks or the origin; what no peer could be found for is counted here. */
  readonly outsideBytes: number;
  readonly insideBytes: number;
  /** Whether every file has the SHA-256 that it has at the source. */
  readonly verified: boolean;
}

export interface RackReport {
  readonly rack: string;
  readonly hosts: number;
  /** Of the last host. */
  readonly seconds: number;
  readonly outsideBytes: number;
  /** Outside bytes ÷ payload. */
  readonly copies: number;
  /** Addresses of the hosts that took anything from outside. */
  readonly crossed: readonly string[];
  readonly verifiedHosts: number;
}

export interface DemoReport extends DemoSpeeds {
  readonly payload: { readonly name: string; readonly infoHash: string; readonly lengthBytes: number };
  readonly seconds: number;
  readonly verified: boolean;
  readonly racks: readonly RackReport[];
  readonly hosts: readonly HostReport[];
}

export interface HostOutcome {
  readonly host: DemoHost;
  readonly seconds: number;
  readonly verified: boolean;
}

export interface ReportInput {
  readonly plan: DemoPlan;
  readonly payload: DemoReport["payload"];
  readonly speeds: DemoSpeeds;
  readonly outcomes: readonly HostOutcome[];
  readonly ledger: SourceLedger;
}

export function reportDemo({ plan, payload, speeds, outcomes, ledger }: ReportInput): DemoReport {
  const rackByAddress = new Map([plan.origin, ...plan.hosts].map(({ address, rack }) => [address, rack]));
  const hosts = outcomes.map((outcome) => reportHost(outcome, ledger, rackByAddress));
  return {
    payload,
    ...speeds,
    seconds: Math.max(...hosts.map(({ seconds }) => seconds)),
    verified: hosts.every(({ verified }) => verified),
    racks: plan.racks.map(({ name: rack }) =>
      reportRack(
        rack,
        hosts.filter((host) => host.rack === rack),
        payload.lengthBytes,
      ),
    ),
    hosts,
  };
}

function reportHost(
  { host, seconds, verified }: HostOutcome,
  ledger: SourceLedger,
  rackByAddress: ReadonlyMap<string, string>,
): HostReport {
  const { byAddress, unknownBytes } = ledger.sources(host.address);
  const { address, rack } = host;
  const sum = (isInside: boolean) =>
    [...byAddress]
      .filter(([source]) => (rackByAddress.get(source) === rack) === isInside)
      .reduce((total, [, bytes]) => total + bytes, 0);
  return { address, rack, seconds, outsideBytes: sum(false) + unknownBytes, insideBytes: sum(true), verified };
}

function reportRack(rack: string, hosts: readonly HostReport[], payloadBytes: number): RackReport {
  const outsideBytes = hosts.reduce((sum, host) => sum + host.outsideBytes, 0);
  return {
    rack,
    hosts: hosts.length,
    seconds: Math.max(...hosts.map(({ seconds }) => seconds)),
    outsideBytes,
    copies: outsideBytes / payloadBytes,
    crossed: hosts.filter((host) => host.outsideBytes > 0).map(({ address }) => address),
    verifiedHosts: hosts.filter(({ verified }) => verified).length,
  };
}

const NAMED_CROSSERS = 3;

const RACK_COLUMNS: readonly Column<RackReport>[] = [
  { head: "RACK", cell: ({ rack }) => rack },
  { head: "HOSTS", align: "right", cell: ({ hosts }) => String(hosts) },
  { head: "LAST HOST AFTER", align: "right", cell: ({ seconds }) => formatSeconds(seconds) },
  { head: "FROM OUTSIDE", align: "right", cell: ({ outsideBytes }) => formatBytes(outsideBytes) },
  { head: "÷ PAYLOAD", align: "right", cell: ({ copies }) => copies.toFixed(2) },
  { head: "HOSTS THAT CROSSED", cell: ({ crossed }) => crossers(crossed) },
  { head: "SHA-256", align: "right", cell: ({ verifiedHosts, hosts }) => `${verifiedHosts} of ${hosts} right` },
];

function crossers(crossed: readonly string[]): string {
  const named = crossed.slice(0, NAMED_CROSSERS).join(", ");
  return `${crossed.length}: ${named}${crossed.length > NAMED_CROSSERS ? ", …" : ""}`;
}

export function printReport(report: DemoReport, colors: Colors): string {
  const { payload, racks, hosts, seconds, uplinkMbps } = report;
  const copies = racks.reduce((sum, rack) => sum + rack.copies, 0) / racks.length;
  const alone = formatSeconds(uplinkSeconds(payload.lengthBytes, report));
  const verdict = report.verified ? colors.green("every file verified") : colors.red("some files are wrong");
  return [
    formatTable(RACK_COLUMNS, racks, colors),
    "",
    `${hosts.length} hosts in ${racks.length} racks have ${payload.name} (${formatBytes(payload.lengthBytes)}) after ${formatSeconds(seconds)}, ${verdict}.`,
    `A rack took ${copies.toFixed(2)} copies from outside on average; one copy at ${uplinkMbps} Mbit/s, the limit between racks, takes ${alone}.`,
  ].join("\n");
}
