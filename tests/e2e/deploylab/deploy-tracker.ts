// The deploylab's tracker: guarded by a token, as one that other hosts than its own control must be.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fetching, startLabServer } from "../netlab/lab-process.ts";
import { TRACKER, topologyLines, type LabShape } from "../netlab/shape.ts";
import type { LabNetwork } from "../netlab/topology.ts";
import type { Restartable } from "../netlab/trackers/lab-tracker.ts";
import { trackerCommand } from "../netlab/trackers/rackcast.ts";

export const API_TOKEN = "deploylab-token";
const PORT = 6969;
export const TRACKER_URL = `http://${TRACKER.address}:${PORT}`;

export async function startDeployTracker(network: LabNetwork, shape: LabShape, folder: string): Promise<Restartable> {
  const topologyFile = join(folder, "topology");
  await mkdir(folder, { recursive: true });
  await writeFile(topologyFile, topologyLines(shape));
  const command = trackerCommand({ shape, folder, port: PORT, tellLinks: true });
  const start = () =>
    startLabServer(network, {
      host: TRACKER,
      command: [...command, "--topology-file", topologyFile],
      probe: fetching(`http://127.0.0.1:${PORT}/readyz`),
      logFile: join(folder, "tracker.log"),
      environment: { API_TOKEN },
    });
  let running = await start();
  return {
    kill: () => running.kill(),
    async restart() {
      running = await start();
    },
  };
}
