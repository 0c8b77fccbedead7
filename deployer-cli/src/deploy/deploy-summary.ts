// The end of a deploy, for people: its waves, the hosts that failed, what was removed.
import { formatTable, oneLine, type Column } from "../output/table.ts";
import type { Colors } from "../output/terminal.ts";
import { formatBytes, formatCount, formatSeconds } from "../output/units.ts";
import type { DeployReport, WaveOutcome } from "./deploy-report.ts";
import { describeFailure } from "./deploy-picture.ts";

const WAVE_COLUMNS: readonly Column<WaveOutcome>[] = [
  { head: "WAVE", cell: ({ index }) => String(index) },
  { head: "SHARE", align: "right", cell: ({ share }) => share },
  { head: "HOSTS", align: "right", cell: ({ targets }) => String(targets) },
  { head: "VERIFIED", align: "right", cell: ({ verified }) => String(verified) },
  { head: "FAILED", align: "right", cell: ({ failed }) => String(failed) },
  { head: "TIME", align: "right", cell: ({ seconds, state }) => (state === "skipped" ? "-" : formatSeconds(seconds)) },
  { head: "STATE", cell: ({ state }) => state },
];

const SHOWN_HOSTS = 20;

export function summarizeDeploy(report: DeployReport, colors: Colors): string {
  const { release, totals, outcome, seconds, via, removed } = report;
  const color = outcome === "done" ? colors.green : colors.red;
  const size = `${formatBytes(release.lengthBytes)} in ${formatCount(release.fileCount, "file")}`;
  const lines = [
    `${colors.bold(release.name)}  ${color(outcome)} after ${formatSeconds(seconds)}: ${totals.verified} of ${totals.targets} hosts verified`,
    `${size}, info-hash ${release.infoHash}, via ${via}`,
    "",
    formatTable(WAVE_COLUMNS, report.waves, colors),
    ...failureLines(report),
    ...(removed.length > 0 ? ["", `Removed: ${removed.map(oneLine).join(" ")}`] : []),
  ];
  return lines.join("\n");
}

function failureLines({ hosts }: DeployReport): string[] {
  const failed = hosts.filter(({ state }) => state === "failed");
  if (failed.length === 0) return [];
  const lines = failed
    .slice(0, SHOWN_HOSTS)
    .map(({ name, address, code, message }) =>
      describeFailure({ host: { name, address }, code: code ?? undefined, message: message ?? undefined }),
    );
  const rest = failed.length - SHOWN_HOSTS;
  return ["", "Failed:", ...lines.map((line) => `  ${line}`), ...(rest > 0 ? [`  and ${rest} more; see --json`] : [])];
}
