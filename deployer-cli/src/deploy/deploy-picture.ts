// A deploy under way as people see it: racks with their bars and hosts with their faults, or one line for a log.
import { drawBar } from "../output/bar.ts";
import { oneLine } from "../output/table.ts";
import type { Colors } from "../output/terminal.ts";
import { formatSeconds, formatShare } from "../output/units.ts";
import type { DistributionPicture } from "./distribution-run.ts";
import { countOf, type HostState, type HostStanding } from "./host-board.ts";

export interface PictureFrame {
  /** Of the release. */
  readonly name: string;
  readonly racks: ReadonlyMap<string, string | null>;
  readonly columns: number;
  readonly colors: Colors;
}

const NARROW_BAR_CELLS = 20;
const WIDE_BAR_CELLS = 40;
const WIDE_COLUMNS = 120;
const SHOWN_RACKS = 12;
const SHOWN_FAILURES = 5;
const STATES: readonly HostState[] = ["verified", "complete", "downloading", "loaded", "waiting", "failed"];

/** Lines of at most `columns` cells: the least advanced racks first. */
export function pictureDeploy(picture: DistributionPicture, frame: PictureFrame): string {
  const racks = byRack(picture.standings, frame.racks);
  const hidden = racks.length - SHOWN_RACKS;
  const lines = [
    heading(picture, frame),
    ...racks.slice(0, SHOWN_RACKS).map((rack) => rackLine(rack, racks, frame)),
    ...(hidden > 0 ? [`and ${hidden} more racks that are further`] : []),
    ...failureLines(picture.standings, frame),
  ];
  return lines.join("\n");
}

/** For logs. */
export function describeDeploy({ wave, waveCount, standings, seconds }: DistributionPicture, name: string): string {
  return `${name}: wave ${wave.index} of ${waveCount} (${wave.label}), ${countStates(standings)}, ${formatShare(meanOf(standings))} of the bytes, ${formatSeconds(seconds)}`;
}

function heading(
  { wave, waveCount, standings, seconds }: DistributionPicture,
  { name, columns, colors }: PictureFrame,
) {
  const rest = `  wave ${wave.index} of ${waveCount} (${wave.label})  ${countOf(standings, "verified")} of ${standings.length} hosts verified  ${formatSeconds(seconds)}`;
  return colors.bold(clip(name, Math.max(8, columns - rest.length))) + rest;
}

interface RackStandings {
  readonly rack: string;
  readonly standings: readonly HostStanding[];
  readonly progress: number;
}

function byRack(standings: readonly HostStanding[], racks: PictureFrame["racks"]): readonly RackStandings[] {
  const grouped = Map.groupBy(standings, ({ host }) => racks.get(host.address) ?? "unknown");
  return [...grouped]
    .map(([rack, members]) => ({ rack, standings: members, progress: meanOf(members) }))
    .toSorted(
      (one, other) => one.progress - other.progress || one.rack.localeCompare(other.rack, "en", { numeric: true }),
    );
}

function rackLine({ rack, standings, progress }: RackStandings, all: readonly RackStandings[], frame: PictureFrame) {
  const cells = frame.columns >= WIDE_COLUMNS ? WIDE_BAR_CELLS : NARROW_BAR_CELLS;
  const bar = drawBar(progress, cells);
  const longest = Math.max(...all.map((other) => other.rack.length));
  const name = clip(oneLine(rack), NARROW_BAR_CELLS).padEnd(Math.min(longest, NARROW_BAR_CELLS));
  const before = `${name}  `;
  const after = ` ${formatShare(progress).padStart(5)}  ${countStates(standings)}`;
  const isFailing = countOf(standings, "failed") > 0;
  const color = isFailing ? frame.colors.red : progress === 1 ? frame.colors.green : frame.colors.cyan;
  return `${before}${color(bar)}${clip(after, frame.columns - before.length - cells)}`;
}

function failureLines(standings: readonly HostStanding[], { columns, colors }: PictureFrame): string[] {
  const failed = standings.filter(({ state }) => state === "failed");
  const lines = failed.slice(0, SHOWN_FAILURES).map((standing) => colors.red(clip(describeFailure(standing), columns)));
  return failed.length > SHOWN_FAILURES ? [...lines, `and ${failed.length - SHOWN_FAILURES} more failed hosts`] : lines;
}

export function describeFailure({ host, code, message }: Pick<HostStanding, "host" | "code" | "message">): string {
  const address = host.name === host.address ? "" : ` (${host.address})`;
  return oneLine(`${host.name}${address}: ${code ?? "VERIFY_FAILED"}: ${message ?? ""}`);
}

function countStates(standings: readonly HostStanding[]): string {
  const counted = STATES.map((state) => ({ state, count: countOf(standings, state) }));
  return counted
    .filter(({ count }) => count > 0)
    .map(({ state, count }) => `${count} ${state}`)
    .join(", ");
}

function meanOf(standings: readonly HostStanding[]): number {
  return standings.reduce((sum, { progress }) => sum + progress, 0) / Math.max(1, standings.length);
}

function clip(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, Math.max(0, columns - 1))}…`;
}
