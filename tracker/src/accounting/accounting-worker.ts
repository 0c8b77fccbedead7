// The thread that accounting has to itself, so that no announce waits while it is written or handed on.
import { parentPort, workerData } from "node:worker_threads";
import type { AccountingSettings } from "./accounting-settings.ts";
import { type Bookkeeping, openBookkeeping } from "./bookkeeping.ts";
import { unpackReports } from "./report-batch.ts";
import type { Call, FromThread, LogLevel, NumberedCall, Results } from "./thread-messages.ts";

const log = { error: logAs("error"), warn: logAs("warn"), info: logAs("info") };

try {
  serve(await openBookkeeping(workerData as AccountingSettings, { log, now: Date.now, random: Math.random }));
} catch (error) {
  post({ kind: "refused", message: messageOf(error) });
}

function serve(books: Bookkeeping): void {
  parentPort?.on("message", ({ number, call }: NumberedCall) => {
    answer(books, call).then(
      (result) => post({ kind: "done", number, result }),
      (error: unknown) => post({ kind: "failed", number, message: messageOf(error) }),
    );
  });
  post({ kind: "opened" });
}

async function answer(books: Bookkeeping, call: Call): Promise<Results[Call["kind"]]> {
  switch (call.kind) {
    case "record":
      return books.record(unpackReports(call.reports));
    case "totals":
      return books.totals(call.infoHash);
    case "status":
      return books.status();
    case "close":
      await books.close();
      return undefined;
  }
}

function logAs(level: LogLevel) {
  return (details: object, message: string) => post({ kind: "log", level, details, message });
}

function post(message: FromThread): void {
  parentPort?.postMessage(message);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
