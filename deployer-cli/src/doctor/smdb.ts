// Does the server-management database answer where an example address is?
import { systemErrorCode } from "../errors.ts";
import { type Check, failed, type Finding, ok, warning } from "./check.ts";

export interface SmdbProbe {
  /** As the tracker's SMDB_URL. */
  readonly url: string;
  readonly address: string;
}

export interface SmdbAnswer {
  readonly status: number;
  readonly body: string;
  readonly seconds: number;
}

/** The tracker's TOPOLOGY_TIMEOUT: who is slower is not waited for. */
const ANNOUNCE_WAITS_SECONDS = 1;

export function smdb(probe: SmdbProbe): Check {
  return {
    name: "smdb",
    run: async (signal) => {
      const url = `${probe.url.replace(/\/+$/, "")}/servers/ipaddresses/${probe.address}`;
      const began = performance.now();
      try {
        const response = await fetch(url, { signal, headers: { accept: "application/json" } });
        const body = await response.text();
        return judgeSmdb(url, { status: response.status, body, seconds: (performance.now() - began) / 1000 });
      } catch (error) {
        signal.throwIfAborted();
        const cause = error instanceof Error ? error.cause : undefined;
        const remedy = "Start it, or correct --smdb-url. Hosts that the tracker knows stay where they are meanwhile.";
        return failed(`${url} cannot be reached: ${systemErrorCode(cause) ?? String(cause)}`, remedy);
      }
    },
  };
}

export function judgeSmdb(url: string, { status, body, seconds }: SmdbAnswer): Finding {
  if (status === 404) return warning(`${url}: no such host`, "Give an address that it should know by --smdb-address.");
  if (status === 401 || status === 403) {
    return warning(
      `${url} asks for credentials (status ${status})`,
      "The tracker needs them too: a definition of type rest in RESOLVERS.",
    );
  }
  const cabinet = cabinetOf(body);
  if (status !== 200 || cabinet === undefined) {
    const remedy = "Say in RESOLVERS where the rack stands in its answers (ops/docs/topology.md), or repair it.";
    return failed(`${url} answers with status ${status} and no server's cabinet`, remedy);
  }
  const seen = `${url}: ${cabinet}, after ${seconds.toFixed(1)} s`;
  if (seconds <= ANNOUNCE_WAITS_SECONDS) return ok(seen);
  return warning(
    seen,
    "Announces wait 1 s for it (TOPOLOGY_TIMEOUT); hosts it is asked of for the first time start later.",
  );
}

/** Of the servers of the address by their names, as the tracker asks by default. */
function cabinetOf(body: string): string | undefined {
  try {
    const servers = Object.values(JSON.parse(body) as Readonly<Record<string, { cabinet?: unknown } | undefined>>);
    return servers.map((server) => server?.cabinet).find((cabinet) => typeof cabinet === "string");
  } catch {
    return undefined;
  }
}
