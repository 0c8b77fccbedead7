// The lab as a whole: what one process does before the first run, between runs and at its end.
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { removeNamespacesNow, removeStaleLabs } from "./namespaces.ts";
import { TRACKER_PORT, runScenario } from "./run.ts";
import type { RunOutcome } from "./run-outcome.ts";
import type { Scenario } from "./scenarios.ts";
import { TRACKER, type LabShape } from "./shape.ts";
import type { TrackerName } from "./trackers/lab-tracker.ts";
import { createPayload, createWorkspace, type Payload } from "./workspace.ts";

export interface LabRun {
  readonly scenario: Scenario;
  readonly tracker: TrackerName;
  /** Before what the scenario changes. */
  readonly shape: LabShape;
  readonly announceEverySeconds: number;
  /** Whether our tracker is told how fast the links are. */
  readonly tellLinks: boolean;
  readonly keepLog: boolean;
}

export interface Lab {
  run(asked: LabRun): Promise<RunOutcome>;
  /** Stops a run that goes on; it fails with an AbortError. */
  abort(): void;
  close(): Promise<void>;
}

/** Whether this process may make network namespaces. */
export function mayRunLab(): boolean {
  return process.getuid?.() === 0;
}

export async function createLab(): Promise<Lab> {
  await removeStaleLabs();
  const workspace = await createWorkspace();
  const payloads = new Map<number, Payload>();
  const aborted = new AbortController();
  const atExit = (): void => removeNamespacesNow(process.pid);
  process.once("exit", atExit);
  let count = 0;

  const payloadOf = async (sizeMiB: number): Promise<Payload> => {
    const announceUrl = `http://${TRACKER.address}:${TRACKER_PORT}/announce`;
    const payload = payloads.get(sizeMiB) ?? (await createPayload(workspace, sizeMiB, announceUrl));
    payloads.set(sizeMiB, payload);
    return payload;
  };

  return {
    async run(asked) {
      const shape = { ...asked.shape, ...asked.scenario.shape };
      const payload = await payloadOf(shape.payloadMiB);
      count += 1;
      const folder = join(workspace, `run-${count}`);
      return runScenario({ ...asked, shape, payload, folder, signal: aborted.signal });
    },
    abort: () => aborted.abort(),
    async close() {
      process.removeListener("exit", atExit);
      await rm(workspace, { recursive: true, force: true });
    },
  };
}
