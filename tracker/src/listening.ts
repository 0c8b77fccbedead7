// Opening the port, and saying what is in the way.
import { once } from "node:events";
import type { Server as HttpServer } from "node:http";
import type { AddressInfo, Server } from "node:net";
import { StartupError } from "./startup-error.ts";

export interface ListeningAddress {
  readonly host: string;
  readonly port: number;
}

/** Connections that wait to be taken: a fleet that starts at once is more than Node's 511. */
const BACKLOG = 4096;
/** How long requests under way may take to end. */
const STOP_WITHIN_MS = 1000;
const [ANY_V6, ANY_V4] = ["::", "0.0.0.0"];

/** Throws `PORT_TAKEN`, `PORT_FORBIDDEN` and `ADDRESS_UNUSABLE`. */
export async function listen(server: Server, { host, port }: ListeningAddress): Promise<ListeningAddress> {
  try {
    server.listen({ host, port, backlog: BACKLOG });
    await once(server, "listening");
    return { host, port: (server.address() as AddressInfo).port };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    const isWithoutIpv6 = code === "EAFNOSUPPORT" || code === "EADDRNOTAVAIL";
    if (host === ANY_V6 && isWithoutIpv6) return listen(server, { host: ANY_V4, port });
    throw explain(error, code, { host, port });
  }
}

function explain(error: unknown, code: unknown, { host, port }: ListeningAddress): unknown {
  const cause = { cause: error };
  switch (code) {
    case "EADDRINUSE":
      return new StartupError("PORT_TAKEN", `port ${port} is taken on ${host}`, cause);
    case "EACCES":
      return new StartupError("PORT_FORBIDDEN", `this user may not listen on port ${port}`, cause);
    case "EADDRNOTAVAIL":
    case "EAFNOSUPPORT":
    case "EINVAL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return new StartupError("ADDRESS_UNUSABLE", `${host} is no address of this machine`, cause);
    default:
      return error;
  }
}

/** Why a UDP port could not be opened. */
export function explainUdp(error: unknown, { host, port }: ListeningAddress): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE") {
    return new StartupError("UDP_PORT_TAKEN", `UDP port ${port} is taken on ${host}`, { cause: error });
  }
  if (code === undefined && error instanceof Error) {
    return new StartupError("UDP_UNUSABLE", `UDP cannot be had in batches: ${error.message}`, { cause: error });
  }
  return explain(error, code, { host, port });
}

/** What is read of connections before the server sees them. */
interface FirstReader {
  stop(): void;
  closeAll(): void;
}

/** Takes no more connections and lets requests under way end, for a while. */
export async function stopListening(server: HttpServer, first: FirstReader): Promise<void> {
  const impatience = setTimeout(() => {
    first.closeAll();
    server.closeAllConnections();
  }, STOP_WITHIN_MS);
  const closed = new Promise((resolve) => server.close(resolve));
  first.stop();
  await closed;
  clearTimeout(impatience);
}
