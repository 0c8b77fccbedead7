// Can this machine connect to a peer's port?
import { connect } from "node:net";
import { once } from "node:events";
import { systemErrorCode } from "../errors.ts";
import { type Check, failed, type Finding, ok } from "./check.ts";

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

const CONNECT_MS = 4000;
const REMEDIES: Readonly<Record<string, string>> = {
  ECONNREFUSED: "Start the client there, or give the port of its network.port_range.",
  ENOTFOUND: "Correct the name, or give an address.",
};

export function peerPort(peer: HostPort): Check {
  return { name: "peer", run: async (signal) => judgePeer(peer, await attempt(peer, signal)) };
}

/** The code of what went wrong; undefined when it is connected. */
async function attempt(peer: HostPort, signal: AbortSignal): Promise<string | undefined> {
  const socket = connect(peer);
  try {
    await once(socket, "connect", { signal: AbortSignal.any([signal, AbortSignal.timeout(CONNECT_MS)]) });
    return undefined;
  } catch (error) {
    return systemErrorCode(error) === "ABORT_ERR" ? "ETIMEDOUT" : (systemErrorCode(error) ?? String(error));
  } finally {
    socket.destroy();
  }
}

function judgePeer({ host, port }: HostPort, code: string | undefined): Finding {
  if (code === undefined) return ok(`${host}:${port} takes connections`);
  const remedy = REMEDIES[code] ?? "A firewall or a missing route is between them: open the port for the other hosts.";
  return failed(`${host}:${port} cannot be connected to: ${code}`, remedy);
}
