// opentracker as Debian builds it (with a whitelist): the topology-blind tracker that ours is measured against.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { logTail, startLabProcess, type LabProcess } from "../lab-process.ts";
import { TRACKER } from "../shape.ts";
import type { LabTracker, LabTrackerOptions } from "./lab-tracker.ts";

const SETTLE_MS = 300;

export async function startOpentracker(options: LabTrackerOptions): Promise<LabTracker> {
  const logFile = join(options.folder, "opentracker.log");
  await mkdir(options.folder, { recursive: true });
  const configFile = join(options.folder, "opentracker.conf");
  await writeFile(join(options.folder, "whitelist"), `${options.payload.infoHash}\n`);
  await writeFile(configFile, configuration(options));
  const start = async (): Promise<LabProcess> => {
    const started = await startLabProcess(options.network, {
      host: TRACKER,
      command: ["opentracker", "-f", configFile],
      logFile,
    });
    await sleep(SETTLE_MS);
    if (!started.running) throw new Error(`opentracker ended at its start: ${await logTail(logFile)}`);
    return started;
  };
  let running = await start();
  return {
    logFile,
    publish: async () => {},
    kill: () => running.kill(),
    async restart() {
      running = await start();
    },
    close: () => running.kill(),
  };
}

// It changes its root to its folder and then its user (root is refused), so the whitelist is named as seen from inside.
function configuration(options: LabTrackerOptions): string {
  return `listen.tcp_udp ${TRACKER.address}:${options.port}
tracker.rootdir ${options.folder}
tracker.user nobody
access.whitelist /whitelist
`;
}
