// Prints the OpenAPI document of the routes, which is committed as tracker/openapi.json.
import { fileURLToPath } from "node:url";
import { openSqliteRegistry } from "../registry/sqlite-registry.ts";
import type { SwarmStore } from "../store/swarm-store.ts";
import { createApi } from "./api.ts";

export async function printOpenapi(): Promise<string> {
  const registry = openSqliteRegistry(":memory:");
  const api = createApi({
    registry,
    store: UNASKED,
    topology: { explain: unasked, explainAll: unasked },
    onActivated: unasked,
    onHostReport: unasked,
    callerOf: unasked,
    accounting: undefined,
    policy: { levels: [] },
    settings: { apiToken: undefined, unknownRack: "shared" },
    checks: {},
    health: { uptimeSeconds: () => 0, connections: () => ({}), faults: () => new Map() },
    metrics: { contentType: "text/plain", print: unasked },
    now: Date.now,
    log: { error: unasked, warn: unasked, info: unasked },
  });
  try {
    await api.ready();
    return `${JSON.stringify(api.swagger(), null, 2)}\n`;
  } finally {
    await api.close();
    await registry.close();
  }
}

/** Describing the routes calls none of them. */
function unasked(): never {
  throw new Error("a description asks nobody");
}

const UNASKED: SwarmStore = {
  announce: unasked,
  scrape: unasked,
  inspect: unasked,
  explain: unasked,
  sweep: unasked,
  drop: unasked,
  close: unasked,
};

if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(await printOpenapi());
