// What a deploy or a rollback came to: what `--json` prints, and what the JUnit report is written from.
import type { HostFailureCode } from "../distribution/driver.ts";

export interface DeployReport {
  readonly command: "deploy" | "rollback";
  readonly outcome: "done" | "failed" | "timed-out" | "interrupted";
  /** What the process ends with. */
  readonly exitCode: number;
  readonly release: ReleaseSummary;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly seconds: number;
  /** How the release was brought to the hosts. */
  readonly via: "ansible" | "pull" | "local";
  readonly totals: HostCounts & { readonly pending: number };
  /** In order. Every host's wave is among them. */
  readonly waves: readonly WaveOutcome[];
  readonly hosts: readonly HostOutcome[];
  /** Names of the releases that were taken off the hosts. */
  readonly removed: readonly string[];
  /** The command to go on with; null when nothing is left to do. */
  readonly next: string | null;
}

export interface ReleaseSummary {
  readonly name: string;
  /** The name without its version. */
  readonly series: string;
  /** 40 lowercase hex digits. */
  readonly infoHash: string;
  readonly lengthBytes: number;
  readonly fileCount: number;
}

export interface HostCounts {
  readonly targets: number;
  readonly verified: number;
  readonly failed: number;
}

export interface WaveOutcome extends HostCounts {
  /** From 1. */
  readonly index: number;
  /** As the operator wrote it: `10%`, `1`. */
  readonly share: string;
  readonly seconds: number;
  /** `skipped` is one that was never begun. */
  readonly state: "done" | "failed" | "skipped";
}

export interface HostOutcome {
  readonly name: string;
  readonly address: string;
  /** The topology path; null where it is not known. */
  readonly rack: string | null;
  /** The `index` of its wave. */
  readonly wave: number;
  readonly state: "verified" | "failed" | "pending";
  readonly code: HostFailureCode | null;
  readonly message: string | null;
  /** From the start of its wave until it was verified or given up; null where it was neither. */
  readonly seconds: number | null;
}
