// `rackcast plan`: what a transfer would cost and how long it would take, before anything is sent.
import { existsSync } from "node:fs";
import { Option, type Command } from "commander";
import { findTransfer } from "../api/transfer-lookup.ts";
import { CommandError } from "../errors.ts";
import { assembleFleet, type HostCounts, type LinkSpeeds, numberedRacks } from "../plan/fleet.ts";
import { locateRacks } from "../plan/located-racks.ts";
import { makePlan } from "../plan/plan.ts";
import { planJson } from "../plan/plan-json.ts";
import { printPlan } from "../plan/plan-report.ts";
import type { PlanRequest } from "../plan/plan-request.ts";
import { refuseOverBudget, refuseTooSlow } from "../plan/refusals.ts";
import { columnsOf } from "../output/terminal.ts";
import type { Session } from "../session.ts";
import { scanPayload } from "../torrent/payload.ts";
import { connect } from "./access.ts";
import { examples } from "./examples.ts";
import { jsonOption, parseBytes, parseCount, parseDuration, targetsFileOption, trackerOption } from "./options.ts";
import { collectSpeeds, exactlyOne, parseBudget, parseMbps, parseRacks } from "./plan-options.ts";

interface PlanOptions {
  readonly tracker: string;
  readonly size?: number;
  readonly targetsFile?: string;
  readonly racks?: number | HostCounts;
  readonly hosts?: number;
  readonly dcs?: number;
  readonly uplinkMbps?: LinkSpeeds;
  readonly dcMbps?: LinkSpeeds;
  readonly accessMbps: number;
  readonly originMbps?: number;
  readonly budget: number;
  readonly maxReprRack: number;
  readonly maxReprDc: number;
  readonly clientKib?: number;
  readonly deadline?: number;
  readonly json?: true;
}

const HELP = `
Every rack pulls one copy over its uplink; at worst all its slots do
(--max-repr-rack). Clients are limited so that even then no link gives more than
the budget: slots × client rate ≤ budget × link. With --budget 100% they need no
limit. Estimates come from measurements of rtorrent 0.9.8; hosts are taken to
start all at once.

Exit codes: 0 it fits, 1 the budget is broken (--client-kib) or the deadline
would be missed; it says what would do.
${examples(
  "plan --size 4GiB --racks 40 --hosts 30 \\\n    --uplink-mbps 10000 --access-mbps 1000 --budget 30%",
  "plan ./web-1.2.3 --targets-file hosts.txt --deadline 10m \\\n    --uplink-mbps 1000,rack7=100 --access-mbps 1000",
  "plan web-1.2.3 --racks ams/r1=12,fra/r1=30 --dc-mbps 10000,fra=1000 \\\n    --uplink-mbps 1000 --access-mbps 1000",
)}`;

export function addPlanCommand(program: Command, session: Session): void {
  const command = program
    .command("plan")
    .description("estimate bytes and time of a transfer, and the settings that keep it within a budget")
    .argument("[payload]", "a file or folder, or the name or info-hash of a transfer");
  for (const option of [...whatOptions(), ...linkOptions(), ...limitOptions()]) command.addOption(option);
  command
    .addOption(trackerOption())
    .addOption(jsonOption())
    .addHelpText("after", HELP)
    .action((payload: string | undefined, options: PlanOptions) => plan(payload, options, session));
}

function whatOptions(): Option[] {
  return [
    new Option("--size <bytes>", "in place of a payload, such as 4GiB").argParser(parseBytes),
    targetsFileOption(),
    new Option("--racks <racks>", "how many there are, or the hosts of each: rack1=12,rack2=30").argParser(parseRacks),
    new Option("--hosts <count>", "how many hosts each of --racks has").argParser(parseCount),
    new Option("--dcs <count>", "how many datacenters --racks are in").argParser(parseCount),
  ];
}

function linkOptions(): Option[] {
  return [
    new Option("--uplink-mbps <speeds>", "into each rack, Mbit/s; others by name: 1000,rack7=100 (repeatable)")
      .argParser(collectSpeeds)
      .makeOptionMandatory(),
    new Option("--dc-mbps <speeds>", "into each datacenter, the first part of a rack's path").argParser(collectSpeeds),
    new Option("--access-mbps <speed>", "of each host's link").argParser(parseMbps).makeOptionMandatory(),
    new Option("--origin-mbps <speed>", "of the origin's link (default: as a host's)").argParser(parseMbps),
  ];
}

function limitOptions(): Option[] {
  return [
    new Option("--budget <share>", "what of each link Rackcast may use").argParser(parseBudget).default(0.3, "30%"),
    new Option("--max-repr-rack <count>", "slots of a rack").argParser(parseCount).default(2),
    new Option("--max-repr-dc <count>", "slots of a datacenter").argParser(parseCount).default(2),
    new Option("--client-kib <rate>", "what clients are limited to, KiB/s (default: what the budget allows)").argParser(
      parseCount,
    ),
    new Option("--deadline <duration>", "refuse what takes longer, such as 10m").argParser(parseDuration),
  ];
}

async function plan(payload: string | undefined, options: PlanOptions, session: Session): Promise<void> {
  const { terminal } = session;
  const request = await requestOf(payload, options, session);
  refuseOverBudget(request);
  const planned = makePlan(request);
  if (options.json) terminal.printJson(planJson(planned));
  else terminal.print(printPlan(planned, { columns: columnsOf(terminal.stdout), colors: terminal.colors }));
  if (options.deadline !== undefined) refuseTooSlow(request, planned.estimate, options.deadline);
}

async function requestOf(payload: string | undefined, options: PlanOptions, session: Session): Promise<PlanRequest> {
  const { uplinkMbps, dcMbps, accessMbps, originMbps = accessMbps, budget, clientKib } = options;
  const uplinks = uplinkMbps ?? { mbps: undefined, byName: new Map() };
  const payloadBytes = await payloadBytesOf(payload, options, session);
  const fleet = assembleFleet(await hostsOf(options, session), { uplinks, datacenterLinks: dcMbps });
  return {
    ...fleet,
    payloadBytes,
    accessMbps,
    originMbps,
    budget,
    rackSlots: options.maxReprRack,
    datacenterSlots: options.maxReprDc,
    clientMbps: clientKib === undefined ? undefined : (clientKib * 8192) / 1e6,
  };
}

async function payloadBytesOf(payload: string | undefined, options: PlanOptions, session: Session): Promise<number> {
  exactlyOne(
    { [`${payload}`]: payload, "--size": options.size },
    "how much is to be sent: name a payload, or give --size.",
  );
  if (options.size) return Math.ceil(options.size);
  if (payload === undefined) throw new CommandError("USAGE", "--size wants at least one byte.");
  if (existsSync(payload)) return (await scanPayload(payload, session.signal)).lengthBytes;
  return (await findTransfer(connect(session, options), payload)).lengthBytes;
}

async function hostsOf(options: PlanOptions, session: Session): Promise<HostCounts> {
  const { targetsFile, racks, hosts, dcs = 0 } = options;
  exactlyOne({ "--targets-file": targetsFile, "--racks": racks }, "where hosts are: give --targets-file, or --racks.");
  if (targetsFile !== undefined) return locateRacks(targetsFile, connect(session, options), session);
  if (typeof racks !== "number") return racks ?? new Map<string, number>();
  if (hosts === undefined) throw new CommandError("USAGE", "How many hosts has each rack? Give --hosts.");
  return numberedRacks({ racks, hosts, datacenters: dcs });
}
