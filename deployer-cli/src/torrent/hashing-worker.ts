// A worker thread: makes the digests it was started for, and tells how far it is.
import { parentPort, workerData } from "node:worker_threads";
import { CommandError, type CommandErrorCode } from "../errors.ts";
import { type DigestJob, digestPayload } from "./digests.ts";

export type HashingReport =
  | { readonly kind: "progress"; readonly hashedBytes: number }
  | { readonly kind: "done"; readonly digests: Uint8Array }
  /** A told error: its class does not survive the way between threads. */
  | { readonly kind: "refused"; readonly code: CommandErrorCode; readonly message: string };

const REPORT_EVERY_BYTES = 4 * 1024 * 1024;

report(work(workerData as DigestJob));

function work(job: DigestJob): HashingReport {
  const lengthBytes = job.files.reduce((sum, file) => sum + file.lengthBytes, 0);
  let reportedBytes = 0;
  try {
    const digests = digestPayload(job, (hashedBytes) => {
      if (hashedBytes - reportedBytes < REPORT_EVERY_BYTES && hashedBytes < lengthBytes) return;
      reportedBytes = hashedBytes;
      report({ kind: "progress", hashedBytes });
    });
    return { kind: "done", digests };
  } catch (error) {
    if (error instanceof CommandError) return { kind: "refused", code: error.code, message: error.message };
    throw error;
  }
}

function report(what: HashingReport): void {
  parentPort?.postMessage(what);
}
