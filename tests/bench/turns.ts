// Servers that are measured in turns, and how they compare: other work on the machine then slows all of them alike.
import { type PinnedServer, processorSeconds } from "./pinned-servers.ts";
import { median } from "./tables.ts";

const WARM_UP_PROCESSOR_SECONDS = 3;
const WARM_UP_TIMEOUT_MS = 30_000;

/** What was done in each turn, such as answers given. */
export interface Speeds {
  /** By the clock; answers as the load generator sees them. */
  readonly perSecond: number[];
  /** For each second of processor time used. */
  readonly perProcessorSecond: number[];
}

export interface Contestant<Report> extends Speeds {
  readonly name: string;
  readonly server: PinnedServer;
  readonly reports: Report[];
}

export interface Answered {
  readonly answers: number;
  readonly seconds: number;
}

export function contestant<Report>(name: string, server: PinnedServer): Contestant<Report> {
  return { name, server, reports: [], perSecond: [], perProcessorSecond: [] };
}

/** Runs the load until the server has had time to compile what it runs, however busy the machine is. */
export async function warmUp({ child }: PinnedServer, load: () => Promise<unknown>): Promise<void> {
  const deadline = performance.now() + WARM_UP_TIMEOUT_MS;
  const before = await processorSeconds(child);
  do await load();
  while (performance.now() < deadline && (await processorSeconds(child)) - before < WARM_UP_PROCESSOR_SECONDS);
}

export async function takeTurn<Report extends Answered>(
  { server, reports, perSecond, perProcessorSecond }: Contestant<Report>,
  load: () => Promise<Report>,
): Promise<void> {
  const before = await processorSeconds(server.child);
  const report = await load();
  perProcessorSecond.push(report.answers / ((await processorSeconds(server.child)) - before));
  perSecond.push(report.answers / report.seconds);
  reports.push(report);
}

/** The heads of what `ratios` gives. */
export function ratioColumns(name: string): string[] {
  return [`÷ ${name}`, "(processor)"];
}

/** Of medians: by the clock, and by processor time, which other work disturbs less. */
export function ratios(row: Speeds, other: Speeds | undefined): string[] {
  if (other === undefined || other === row) return ["-", "-"];
  const ratio = (values: (of: Speeds) => number[]) => median(values(row)) / median(values(other));
  return [ratio((of) => of.perSecond).toFixed(2), ratio((of) => of.perProcessorSecond).toFixed(2)];
}
