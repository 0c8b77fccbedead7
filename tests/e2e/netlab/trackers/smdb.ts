// The reference SMDB beside the tracker, in the tracker's namespace, which knows every host of the lab.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stringify } from "yaml";
import type { Faults } from "../../../../smdb-adapter/reference/faults.ts";
import { fetching, runLabProcess, startLabServer } from "../lab-process.ts";
import { datacenterOf, type LabShape, TRACKER } from "../shape.ts";
import type { LabNetwork } from "../topology.ts";

export interface LabSmdb {
  readonly url: string;
  /** How it answers lookups from now on; rightly when empty. */
  misbehave(faults: Faults): Promise<void>;
  kill(): Promise<void>;
}

const SMDB_MAIN = fileURLToPath(new URL("../../../../smdb-adapter/reference/main.ts", import.meta.url));
const PORT = 8080;

/** Without faults. */
export async function startLabSmdb(network: LabNetwork, folder: string, shape: LabShape): Promise<LabSmdb> {
  const url = `http://127.0.0.1:${PORT}`;
  const logFile = join(folder, "smdb.log");
  const dataFile = join(folder, "hosts.yaml");
  await mkdir(folder, { recursive: true });
  await writeFile(dataFile, stringify({ hosts: network.hosts.filter(({ rack }) => rack > 0).map(recordOf) }));
  const running = await startLabServer(network, {
    host: TRACKER,
    command: [
      process.execPath,
      "--conditions=@rackcast/source",
      "--disable-warning=ExperimentalWarning",
      SMDB_MAIN,
      "--data",
      dataFile,
      "--port",
      `${PORT}`,
    ],
    probe: fetching(`${url}/healthz`),
    logFile,
  });

  function recordOf({ name, address, rack }: { name: string; address: string; rack: number }) {
    const datacenter = datacenterOf(rack, shape);
    return { name, addresses: [address], cabinet: `rack${rack}`, ...(datacenter > 0 && { dc: `dc${datacenter}` }) };
  }

  return {
    url,
    async misbehave(next) {
      const json = ["--header", "content-type: application/json", "--data", JSON.stringify(next)];
      const command = fetching(`${url}/faults`, "--request", "PUT", ...json);
      await runLabProcess(network, { host: TRACKER, command, logFile });
    },
    kill: () => running.kill(),
  };
}
