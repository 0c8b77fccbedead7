// Which front end takes a request to speak another protocol (`Upgrade`) on the HTTP port: by path.
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

/** Takes the socket over, with the bytes that came behind the request's head. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

export interface Upgrades {
  /** `path` is the whole path without the query; one that ends with `/*` takes any last segment. */
  register(path: string, handler: UpgradeHandler): void;
  /** For the server's `upgrade`. */
  readonly handle: UpgradeHandler;
}

export function createUpgrades(): Upgrades {
  const handlers = new Map<string, UpgradeHandler>();
  return {
    register: (path, handler) => void handlers.set(path, handler),
    handle(request, socket, head) {
      const path = (request.url ?? "").split("?", 1)[0] ?? "";
      const handler = handlers.get(path) ?? handlers.get(path.replace(/\/[^/]+$/, "/*"));
      if (handler === undefined) refuseUpgrade(socket, "404 Not Found");
      else handler(request, socket, head);
    },
  };
}

/** Answers with a status such as `403 Forbidden`, and ends the connection. */
export function refuseUpgrade(socket: Duplex, status: string, reason = ""): void {
  socket.on("error", () => undefined);
  const length = Buffer.byteLength(reason);
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${length}\r\n\r\n${reason}`,
  );
}
