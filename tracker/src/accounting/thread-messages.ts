// What the tracker's own thread and that of its accounting say to each other.
import type { InfoHash } from "../swarm/identifiers.ts";
import type { BookkeepingStatus } from "./bookkeeping.ts";
import type { Recorded, TrafficTotal } from "./ledger.ts";
import type { PackedReports } from "./report-batch.ts";

export type Call =
  | { readonly kind: "record"; readonly reports: PackedReports }
  | { readonly kind: "totals"; readonly infoHash: InfoHash }
  | { readonly kind: "status" }
  | { readonly kind: "close" };

export interface Results {
  record: Recorded;
  totals: readonly TrafficTotal[];
  status: BookkeepingStatus;
  close: undefined;
}

/** A call has a number, which its answer has too. */
export interface NumberedCall {
  readonly number: number;
  readonly call: Call;
}

export type FromThread =
  | { readonly kind: "opened" }
  /** It could not be started, and ends; `message` says why, and what to do. */
  | { readonly kind: "refused"; readonly message: string }
  | { readonly kind: "done"; readonly number: number; readonly result: Results[Call["kind"]] }
  | { readonly kind: "failed"; readonly number: number; readonly message: string }
  | { readonly kind: "log"; readonly level: LogLevel; readonly details: object; readonly message: string };

export type LogLevel = "error" | "warn" | "info";
