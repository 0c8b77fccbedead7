// The thread of accounting, as the tracker's own thread calls it.
import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import type { AccountingSettings } from "./accounting-settings.ts";
import type { Bookkeeping, BookkeepingLog } from "./bookkeeping.ts";
import { LedgerError, type Recorded } from "./ledger.ts";
import type { PackedReports } from "./report-batch.ts";
import type { Call, FromThread, Results } from "./thread-messages.ts";

/** The sources run as TypeScript, the built package as JavaScript. */
const WORKER = new URL(`./accounting-worker${extname(import.meta.url)}`, import.meta.url);
const DIED = "the thread of accounting died; the tracker's log says why";

interface Pending {
  readonly resolve: (result: never) => void;
  readonly reject: (error: LedgerError) => void;
}

export interface AccountingThread extends Omit<Bookkeeping, "record"> {
  readonly record: (reports: PackedReports) => Promise<Recorded>;
}

/** Rejects with `LedgerError` when accounting cannot be started. A thread that dies is started again by the next call. */
export async function startAccountingThread(
  settings: AccountingSettings,
  { log }: { readonly log: BookkeepingLog },
  program: URL = WORKER,
): Promise<AccountingThread> {
  const pending = new Map<number, Pending>();
  let calls = 0;
  let isClosing = false;
  let worker: Promise<Worker> | undefined = start();
  await worker;

  function start(): Promise<Worker> {
    const thread = new Worker(program, { workerData: settings });
    let isOpen = false;
    return new Promise((resolve, reject) => {
      thread.on("message", (message: FromThread) => {
        if (message.kind === "opened") {
          isOpen = true;
          resolve(thread);
        } else if (message.kind === "refused") reject(new LedgerError(message.message));
        else receive(message);
      });
      thread.on("error", (err) => log.error({ err }, "the thread of accounting failed"));
      thread.on("exit", () => {
        if (isOpen && !isClosing) log.error({}, "the thread of accounting ended; it is started again");
        reject(new LedgerError(DIED));
        ended();
      });
    });
  }

  /** One that could not be started is tried again, too. */
  function ended(): void {
    worker = undefined;
    for (const call of pending.values()) call.reject(new LedgerError(DIED));
    pending.clear();
  }

  function receive(message: Exclude<FromThread, { kind: "opened" | "refused" }>): void {
    if (message.kind === "log") return log[message.level](message.details, message.message);
    const call = pending.get(message.number);
    pending.delete(message.number);
    if (message.kind === "done") call?.resolve(message.result as never);
    else call?.reject(new LedgerError(message.message));
  }

  async function ask<Kind extends Call["kind"]>(call: Extract<Call, { kind: Kind }>): Promise<Results[Kind]> {
    const thread = await (worker ??= start());
    const number = ++calls;
    return new Promise((resolve, reject) => {
      pending.set(number, { resolve, reject });
      thread.postMessage({ number, call });
    });
  }

  return {
    record: async (reports) => ask<"record">({ kind: "record", reports }),
    totals: async (infoHash) => ask<"totals">({ kind: "totals", infoHash }),
    status: async () => ask<"status">({ kind: "status" }),
    async close() {
      isClosing = true;
      const thread = await worker?.catch(() => undefined);
      if (thread === undefined) return;
      await ask<"close">({ kind: "close" });
      await thread.terminate();
    },
  };
}
