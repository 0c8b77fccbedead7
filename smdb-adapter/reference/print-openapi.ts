// Prints the OpenAPI document of the reference SMDB's routes, which is committed as openapi.json beside this file.
import { fileURLToPath } from "node:url";
import { indexHosts } from "./host-data.ts";
import { createReferenceSmdb } from "./smdb.ts";

export async function printOpenapi(): Promise<string> {
  const data = indexHosts([]);
  const smdb = createReferenceSmdb({ data: () => data, faults: { current: {} }, token: undefined });
  try {
    await smdb.ready();
    return `${JSON.stringify(smdb.swagger(), null, 2)}\n`;
  } finally {
    await smdb.close();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(await printOpenapi());
