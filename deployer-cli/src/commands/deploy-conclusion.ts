// How a deploy ends: its report on stdout and in files, and what the process ends with.
import { writeFile } from "node:fs/promises";
import type { Conclusion } from "../deploy/conducting.ts";
import { incompletion } from "../deploy/deploy-outcome.ts";
import { summarizeDeploy } from "../deploy/deploy-summary.ts";
import { printJunit } from "../deploy/junit-report.ts";
import type { Session } from "../session.ts";
import { unwritable } from "../torrent/torrent-writing.ts";
import type { WaitingCommandOptions } from "./distribution-options.ts";

/** Throws what the deploy threw, or that too few hosts have the release. */
export async function conclude(
  { report, error }: Conclusion,
  { json, junit, report: reportFile }: WaitingCommandOptions,
  { terminal }: Session,
): Promise<void> {
  if (json) terminal.printJson(report);
  else terminal.print(summarizeDeploy(report, terminal.colors));
  if (reportFile !== undefined) await write(reportFile, `${JSON.stringify(report, null, 2)}\n`);
  if (junit !== undefined) await write(junit, printJunit(report));
  if (error !== undefined) throw error;
  const failure = incompletion(report);
  if (failure) throw failure;
}

async function write(file: string, text: string): Promise<void> {
  await writeFile(file, text).catch((cause) => Promise.reject(unwritable(file, cause)));
}
