// A redis-server beside the tracker, in the tracker's namespace, with its append-only file on.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { logTail, type LabProcess, runLabProcess, startLabProcess } from "../lab-process.ts";
import { TRACKER } from "../shape.ts";
import type { LabNetwork } from "../topology.ts";
import type { Restartable } from "./lab-tracker.ts";

const PORT = 6379;
const START_TIMEOUT_MS = 10_000;

export async function startLabRedis(network: LabNetwork, folder: string): Promise<Restartable & { url: string }> {
  const logFile = join(folder, "redis.log");
  const place = ["--port", `${PORT}`, "--bind", "127.0.0.1", "--dir", folder];
  const command = ["redis-server", ...place, "--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction"];
  const probe = { host: TRACKER, command: ["redis-cli", "-p", `${PORT}`, "-e", "ping"], logFile: "/dev/null" };
  await mkdir(folder, { recursive: true });

  async function start(): Promise<LabProcess> {
    const started = await startLabProcess(network, { host: TRACKER, command, logFile });
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (Date.now() < deadline && started.running) {
      const answered = await runLabProcess(network, probe).then(
        () => true,
        () => false,
      );
      if (answered) return started;
      await sleep(50);
    }
    throw new Error(`redis-server did not become ready: ${await logTail(logFile)}`);
  }

  let running = await start();
  return {
    url: `redis://127.0.0.1:${PORT}`,
    kill: () => running.kill(),
    async restart() {
      running = await start();
    },
  };
}
