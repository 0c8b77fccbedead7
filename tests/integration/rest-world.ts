// A rest resolver, and real services for it that answer as a test has them.
import { type ResolverEvent, restKind, type TopologyError, type TopologyResolver } from "@rackcast/smdb-adapter";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTcpServer, type Server as TcpServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

type RestSettings = Parameters<typeof restKind.start>[0];

export const TIMEOUT_MS = 500;
export const ADDRESS = "10.77.1.5";
export const LOOKUP = `/servers/ipaddresses/${ADDRESS}`;

/** Closed after the test, as everything here. */
export async function startRest(settings: RestSettings, { levels = ["rack"], timeoutMs = TIMEOUT_MS } = {}) {
  const events: ResolverEvent[] = [];
  const onEvent = (event: ResolverEvent) => void events.push(event);
  const resolver = await restKind.start(settings, { name: "smdb", levels, timeoutMs, onEvent });
  onTestFinished(() => resolver.close());
  const faults = () => events.map((event) => (event.kind === "fault" ? event.fault : event.kind));
  return { resolver, events, faults };
}

export async function failureOf(resolver: TopologyResolver): Promise<TopologyError> {
  try {
    await resolver.locate(ADDRESS);
  } catch (error) {
    return error as TopologyError;
  }
  throw new Error("the lookup did not fail");
}

/** The URL of a server that listens from now on. */
export async function listen(server: Server | TcpServer, host = "127.0.0.1"): Promise<string> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => sockets.add(socket.on("error", () => {})));
  await once(server.listen(0, host), "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return host.includes(":") ? `http://[${host}]:${port}` : `http://${host}:${port}`;
}

export function serve(listener: RequestListener, host?: string): Promise<string> {
  return listen(createServer(listener), host);
}

export function answering(body: string | Buffer, status = 200): Promise<string> {
  return serve((_, response) => void response.writeHead(status).end(body));
}

/** Does something as soon as it is asked, whatever that is. */
export function onceAsked(act: (socket: Socket) => void): Promise<string> {
  return listen(createTcpServer({ allowHalfOpen: true }, (socket) => void socket.once("data", () => act(socket))));
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "rackcast-rest-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}
