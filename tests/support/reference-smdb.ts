// The reference SMDB over hosts of a test's own, in a folder of its own.
import type { TopologyPath } from "@rackcast/smdb-adapter";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import {
  type ReferenceSmdb,
  type ReferenceSmdbOptions,
  startReferenceSmdb,
} from "../../smdb-adapter/reference/smdb.ts";

export interface TestSmdb extends ReferenceSmdb {
  readonly dataFile: string;
  /** Overwrites the file of hosts. */
  write(hosts: readonly object[]): Promise<void>;
}

/** Everything of it is gone after `close`. */
export async function startTestSmdb(
  hosts: readonly object[],
  options: Omit<ReferenceSmdbOptions, "dataFile"> = {},
): Promise<TestSmdb> {
  const folder = await mkdtemp(join(tmpdir(), "rackcast-smdb-"));
  const dataFile = join(folder, "hosts.yaml");
  const write = (wanted: readonly object[]) => writeFile(dataFile, stringify({ hosts: wanted }));
  await write(hosts);
  const smdb = await startReferenceSmdb({ dataFile, ...options });
  return {
    ...smdb,
    dataFile,
    write,
    async close() {
      await smdb.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** A host for each address, as the reference SMDB's file has it. */
export function hostsOf(places: ReadonlyMap<string, TopologyPath>): object[] {
  return Array.from(places, ([address, [dc, row, cabinet]], index) => {
    return { name: `host${index}`, addresses: [address], dc, row, cabinet };
  });
}
