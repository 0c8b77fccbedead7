// From how the hosts stand to the report, the exit code and what to do next.
import type { Transfer } from "../api/resources.ts";
import { CommandError, EXIT_CODES } from "../errors.ts";
import { oneLine } from "../output/table.ts";
import type { DeployReport, HostOutcome } from "./deploy-report.ts";
import { type DistributionRun, rounded } from "./distribution-run.ts";
import { countOf, type HostStanding, verifiedShare } from "./host-board.ts";
import type { Wave } from "./waves.ts";

export interface OutcomeSources {
  readonly command: DeployReport["command"];
  readonly via: DeployReport["via"];
  readonly transfer: Transfer;
  readonly waves: readonly Wave[];
  readonly distribution: DistributionRun;
  readonly racks: ReadonlyMap<string, string | null>;
  readonly minShare: number;
  readonly startedAt: Date;
  readonly removed: readonly string[];
  /** What ended it before its last wave was over. */
  readonly error: unknown;
}

export function reportDeploy(sources: OutcomeSources): DeployReport {
  const { transfer, distribution, waves, startedAt, command, via, removed } = sources;
  const standings = distribution.board.standings();
  const outcome = outcomeOf(sources, standings);
  const { name, series, infoHash, lengthBytes, fileCount } = transfer;
  const [verified, failed] = [countOf(standings, "verified"), countOf(standings, "failed")];
  return {
    command,
    outcome,
    exitCode: EXIT_CODES[OUTCOMES[outcome]],
    release: { name, series, infoHash, lengthBytes, fileCount },
    startedAt: startedAt.toISOString(),
    seconds: rounded((Date.now() - startedAt.getTime()) / 1000),
    via,
    totals: { targets: standings.length, verified, failed, pending: standings.length - verified - failed },
    waves: distribution.outcomes(),
    hosts: waves.flatMap((wave) =>
      distribution.board.of(wave.hosts).map((standing) => hostOutcome(standing, wave, sources.racks)),
    ),
    removed,
    next: outcome === "done" ? null : nextStep(sources, standings),
  };
}

const OUTCOMES = { done: "done", failed: "failed", "timed-out": "timedOut", interrupted: "interrupted" } as const;

function outcomeOf({ error, minShare }: OutcomeSources, standings: readonly HostStanding[]): DeployReport["outcome"] {
  if (error instanceof CommandError) {
    if (error.exitCode === EXIT_CODES.interrupted) return "interrupted";
    return error.exitCode === EXIT_CODES.timedOut ? "timed-out" : "failed";
  }
  if (error !== undefined) return "failed";
  if (verifiedShare(standings) >= minShare) return "done";
  const missing = standings.filter(({ state }) => state !== "verified");
  return missing.every(({ code }) => code === "TIMED_OUT") ? "timed-out" : "failed";
}

function hostOutcome(
  { host, state, code, message, settledSeconds }: HostStanding,
  { index }: Wave,
  racks: OutcomeSources["racks"],
): HostOutcome {
  return {
    name: host.name,
    address: host.address,
    rack: racks.get(host.address) ?? null,
    wave: index,
    state: state === "verified" || state === "failed" ? state : "pending",
    code: code ?? null,
    message: message === undefined ? null : oneLine(message),
    seconds: settledSeconds === undefined ? null : rounded(settledSeconds),
  };
}

function nextStep({ command, distribution }: OutcomeSources, standings: readonly HostStanding[]): string {
  const begun = distribution.outcomes().filter(({ state }) => state !== "skipped").length;
  const isPaused = begun < distribution.outcomes().length;
  const again = `run the same ${command} again: hosts that have the release are left alone`;
  const failed = countOf(standings, "failed") > 0;
  const where = isPaused ? `, and it goes on with wave ${Math.max(1, begun)}` : "";
  return failed ? `Mend the failed hosts, then ${again}${where}.` : `To go on, ${again}${where}.`;
}

/** What the process ends with when not enough hosts are right; undefined when they are. */
export function incompletion(report: DeployReport): CommandError | undefined {
  const { outcome, release, totals, next } = report;
  if (outcome === "done") return undefined;
  const told = `${totals.verified} of ${totals.targets} hosts have ${release.name}.`;
  return new CommandError(outcome === "timed-out" ? "TIMED_OUT" : "DEPLOY_INCOMPLETE", `${told}\n${next ?? ""}`);
}
