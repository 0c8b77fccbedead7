// A redis-server beside the tracker, in the tracker's namespace, with its append-only file on.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { startLabServer } from "../lab-process.ts";
import { TRACKER } from "../shape.ts";
import type { LabNetwork } from "../topology.ts";
import type { Restartable } from "./lab-tracker.ts";

const PORT = 6379;

export async function startLabRedis(network: LabNetwork, folder: string): Promise<Restartable & { url: string }> {
  const place = ["--port", `${PORT}`, "--bind", "127.0.0.1", "--dir", folder];
  const server = {
    host: TRACKER,
    command: ["redis-server", ...place, "--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction"],
    probe: ["redis-cli", "-p", `${PORT}`, "-e", "ping"],
    logFile: join(folder, "redis.log"),
  };
  await mkdir(folder, { recursive: true });
  let running = await startLabServer(network, server);
  return {
    url: `redis://127.0.0.1:${PORT}`,
    kill: () => running.kill(),
    async restart() {
      running = await startLabServer(network, server);
    },
  };
}
