// One worker thread from its start to its end, whichever way it ends.
import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { CommandError } from "../errors.ts";
import type { DigestJob } from "./digests.ts";
import type { HashingReport } from "./hashing-worker.ts";

/** The sources run as TypeScript, the built package as JavaScript. */
const WORKER = new URL(`./hashing-worker${extname(import.meta.url)}`, import.meta.url);

export interface HashingThread {
  readonly job: DigestJob;
  readonly signal: AbortSignal;
  onProgress(hashedBytes: number): void;
}

/**
 * The job's digests. When the promise settles the thread has ended.
 * Throws what `digestPayload` does, the signal's reason, or `HASHING_FAILED` when the thread died.
 */
export async function runHashingThread(thread: HashingThread, program: URL = WORKER): Promise<Uint8Array> {
  thread.signal.throwIfAborted();
  const worker = new Worker(program, { workerData: thread.job });
  try {
    return await resultOf(worker, thread);
  } finally {
    await worker.terminate();
  }
}

function resultOf(worker: Worker, { signal, onProgress }: HashingThread): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    worker.on("error", (cause) => reject(died(cause.message, cause)));
    worker.on("exit", (code) => reject(died(`it ended with code ${code}`)));
    worker.on("message", (report: HashingReport) => {
      if (report.kind === "progress") onProgress(report.hashedBytes);
      else if (report.kind === "done") resolve(report.digests);
      else reject(new CommandError(report.code, report.message));
    });
  });
}

function died(how: string, cause?: unknown): CommandError {
  const remedy = "see that this machine has memory and threads to spare (free, ulimit -u), then build again";
  return new CommandError("HASHING_FAILED", `A thread that hashes died: ${how}; ${remedy}.`, { cause });
}
