// What the lab asks of a tracker under test; one file beside this one for each.
import type { LabNetwork } from "../topology.ts";
import type { LabShape } from "../shape.ts";
import type { Faults } from "../../../../smdb-adapter/reference/faults.ts";
import type { Payload } from "../workspace.ts";
import type { LabSink } from "./sink.ts";
import type { LabSmdb } from "./smdb.ts";

export type TrackerName = "rackcast" | "opentracker";

export interface LabTrackerOptions {
  readonly network: LabNetwork;
  readonly shape: LabShape;
  /** The tracker's own folder: data and log. */
  readonly folder: string;
  readonly port: number;
  readonly payload: Payload;
  /** Whether the tracker keeps its swarms in a Redis of its own, if it can. */
  readonly onRedis: boolean;
  /** Whether the tracker counts what clients move, and hands it to a sink, if it can. */
  readonly accounting: boolean;
  /** How the SMDB misbehaves that the tracker asks where hosts are, once it knows all racks but the last; undefined: it reads a file. */
  readonly smdb: Faults | undefined;
  /** Whether the tracker is told how fast the links are. */
  readonly tellLinks: boolean;
}

/** A program that can be killed (`kill -9`) and started again on the same data. */
export interface Restartable {
  kill(): Promise<void>;
  /** Resolves when it serves. */
  restart(): Promise<void>;
}

export interface LabTracker extends Restartable {
  readonly logFile: string;
  /** Makes the payload known and active, the origin being where it comes from. */
  publish(): Promise<void>;
  readonly redis?: Restartable | undefined;
  readonly smdb?: LabSmdb | undefined;
  readonly sink?: LabSink | undefined;
  /** Ends it, its Redis, its SMDB and its sink. */
  close(): Promise<void>;
}
