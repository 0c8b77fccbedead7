// Our tracker, started and told of the transfer through the same commands that a user types.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fetching, runLabProcess, startLabServer } from "../lab-process.ts";
import { type LabShape, levelsOf, ORIGIN, slowestInward, TRACKER, topologyLines } from "../shape.ts";
import type { LabNetwork } from "../topology.ts";
import type { LabTracker, LabTrackerOptions } from "./lab-tracker.ts";
import { startLabRedis } from "./redis.ts";
import { startLabSink } from "./sink.ts";
import { startLabSmdb } from "./smdb.ts";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
const RACKCAST = join(ROOT, "deployer-cli/bin/rackcast.js");
const TRACKER_MAIN = join(ROOT, "tracker/src/main.ts");

export async function startRackcastTracker(options: LabTrackerOptions): Promise<LabTracker> {
  const { network, folder, port } = options;
  const logFile = join(folder, "tracker.log");
  const topologyFile = join(folder, "topology");
  await mkdir(folder, { recursive: true });
  await writeFile(topologyFile, topologyLines(options.shape));
  const url = `http://127.0.0.1:${port}`;
  const redis = options.onRedis ? await startLabRedis(network, join(folder, "redis")) : undefined;
  const sink = options.accounting ? await startLabSink() : undefined;
  const environment = {
    ...(redis && { STORE: "redis", REDIS_URL: redis.url }),
    ...(sink && { ACCOUNTING: "true", ACCOUNTING_SINK: sink.url }),
  };
  const faults = options.smdb;
  const smdb = faults && (await startLabSmdb(network, join(folder, "smdb"), options.shape));
  const topology = smdb === undefined ? ["--topology-file", topologyFile] : ["--smdb-url", smdb.url];
  const start = () =>
    startLabServer(network, {
      host: TRACKER,
      command: [...trackerCommand(options), ...topology],
      probe: fetching(`${url}/readyz`),
      logFile,
      environment,
    });
  const publish = [process.execPath, RACKCAST, "publish", options.payload.torrentFile, "--tracker", url];
  let running = await start();
  return {
    logFile,
    // From the tracker's own namespace, because control calls are answered to loopback alone.
    async publish() {
      const command = [...publish, "--activate", "--origin", ORIGIN.address];
      await runLabProcess(network, { host: TRACKER, command, logFile: join(folder, "publish.log") });
      if (faults === undefined) return;
      await makeKnown(network, url, options.shape);
      await smdb?.misbehave(faults);
    },
    kill: () => running.kill(),
    async restart() {
      running = await start();
    },
    redis,
    smdb,
    sink,
    async close() {
      await running.kill();
      await redis?.kill();
      await smdb?.kill();
      await sink?.close();
    },
  };
}

/** The tracker's command line, but for where it learns who is in which rack. */
export function trackerCommand(options: TrackerCommandOptions): readonly string[] {
  const { shape, folder, port } = options;
  return [
    process.execPath,
    "--conditions=@rackcast/source",
    "--disable-warning=ExperimentalWarning",
    TRACKER_MAIN,
    "--host=0.0.0.0",
    `--port=${port}`,
    `--data-dir=${join(folder, "data")}`,
    `--levels=${levelsOf(shape).join(",")}`,
    ...linkFlags(options),
  ];
}

type TrackerCommandOptions = Pick<LabTrackerOptions, "shape" | "folder" | "port" | "tellLinks">;

/** Has the tracker look up every host but those of the last rack. */
async function makeKnown(network: LabNetwork, url: string, { racks }: LabShape): Promise<void> {
  const known = network.hosts.filter(({ rack }) => rack > 0 && rack < racks.length);
  for (const { address } of known) {
    const command = fetching(`${url}/topology/${address}`);
    await runLabProcess(network, { host: TRACKER, command, logFile: "/dev/null" });
  }
}

/** What an operator knows of the links; left out where the lab asks what happens when nobody said. */
function linkFlags({ shape, tellLinks }: TrackerCommandOptions): string[] {
  if (!tellLinks) return [];
  const { accessMbit, originMbit } = shape;
  return [`--uplink-mbits=${slowestInward(shape)}`, `--access-mbits=${accessMbit}`, `--origin-mbits=${originMbit}`];
}
