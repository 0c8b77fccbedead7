// Our tracker, started and told of the transfer through the same commands that a user types.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { logTail, runLabProcess, startLabProcess, type LabProcess } from "../lab-process.ts";
import { levelsOf, ORIGIN, slowestInward, TRACKER, topologyLines } from "../shape.ts";
import type { LabNetwork } from "../topology.ts";
import type { LabTracker, LabTrackerOptions } from "./lab-tracker.ts";
import { startLabRedis } from "./redis.ts";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
const RACKCAST = join(ROOT, "deployer-cli/bin/rackcast.js");
const TRACKER_MAIN = join(ROOT, "tracker/src/main.ts");
const START_TIMEOUT_MS = 20_000;

export async function startRackcastTracker(options: LabTrackerOptions): Promise<LabTracker> {
  const { network, folder, port } = options;
  const logFile = join(folder, "tracker.log");
  const topologyFile = join(folder, "topology");
  await mkdir(folder, { recursive: true });
  await writeFile(topologyFile, topologyLines(options.shape));
  const url = `http://127.0.0.1:${port}`;
  const flags = ["--host", "0.0.0.0", "--port", `${port}`, "--data-dir", join(folder, "data"), ...linkFlags(options)];
  const place = ["--topology-file", topologyFile, "--levels", levelsOf(options.shape).join(",")];
  const command = [
    process.execPath,
    "--conditions=@rackcast/source",
    "--disable-warning=ExperimentalWarning",
    TRACKER_MAIN,
    ...flags,
  ];
  const redis = options.onRedis ? await startLabRedis(network, join(folder, "redis")) : undefined;
  const environment = redis === undefined ? {} : { STORE: "redis", REDIS_URL: redis.url };
  const start = async (): Promise<LabProcess> => {
    const started = await startLabProcess(network, {
      host: TRACKER,
      command: [...command, ...place],
      logFile,
      environment,
    });
    await ready(network, { process: started, url, logFile });
    return started;
  };
  const publish = [process.execPath, RACKCAST, "publish", options.payload.torrentFile, "--tracker", url];
  let running = await start();
  return {
    logFile,
    // From the tracker's own namespace, because control calls are answered to loopback alone.
    publish: () =>
      runLabProcess(network, {
        host: TRACKER,
        command: [...publish, "--activate", "--origin", ORIGIN.address],
        logFile: join(folder, "publish.log"),
      }),
    kill: () => running.kill(),
    async restart() {
      running = await start();
    },
    redis,
    async close() {
      await running.kill();
      await redis?.kill();
    },
  };
}

/** What an operator knows of the links; left out where the lab asks what happens when nobody said. */
function linkFlags({ shape, tellLinks }: LabTrackerOptions): string[] {
  if (!tellLinks) return [];
  const { accessMbit, originMbit } = shape;
  return [
    "--uplink-mbits",
    `${slowestInward(shape)}`,
    "--access-mbits",
    `${accessMbit}`,
    "--origin-mbits",
    `${originMbit}`,
  ];
}

interface Starting {
  readonly process: LabProcess;
  readonly url: string;
  readonly logFile: string;
}

async function ready(network: LabNetwork, starting: Starting): Promise<void> {
  const probe = ["curl", "--silent", "--fail", "--output", "/dev/null", `${starting.url}/readyz`];
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline && starting.process.running) {
    const answered = await runLabProcess(network, { host: TRACKER, command: probe, logFile: "/dev/null" }).then(
      () => true,
      () => false,
    );
    if (answered) return;
    await sleep(100);
  }
  throw new Error(`the tracker did not become ready: ${await logTail(starting.logFile)}`);
}
