// What the lab asks of a tracker under test; one file beside this one for each.
import type { LabNetwork } from "../topology.ts";
import type { LabShape } from "../shape.ts";
import type { Payload } from "../workspace.ts";

export type TrackerName = "rackcast" | "opentracker";

export interface LabTrackerOptions {
  readonly network: LabNetwork;
  readonly shape: LabShape;
  /** The tracker's own folder: data and log. */
  readonly folder: string;
  readonly port: number;
  readonly payload: Payload;
  /** Whether the tracker is told how fast the links are. */
  readonly tellLinks: boolean;
}

export interface LabTracker {
  readonly logFile: string;
  /** Makes the payload known and active, the origin being where it comes from. */
  publish(): Promise<void>;
  /** kill -9. */
  kill(): Promise<void>;
  /** Starts it again on the same data; resolves when it accepts announces. */
  restart(): Promise<void>;
}
