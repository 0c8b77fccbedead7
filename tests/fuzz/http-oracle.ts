// What node:http makes of a stream of bytes, for comparison.
import { createServer, type Server } from "node:http";
import { Duplex } from "node:stream";

/** One request, as far as an answer depends on it. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly forwardedFor: string;
  readonly keepsAlive: boolean;
}

export interface SeenStream {
  readonly requests: SeenRequest[];
  isRefused: boolean;
}

class MemorySocket extends Duplex {
  readonly seen: SeenStream = { requests: [], isRefused: false };
  override _read(): void {}
  override _write(_chunk: unknown, _encoding: string, done: () => void): void {
    done();
  }
}

export interface HttpOracle {
  /** Each as a connection of its own, from which nothing more comes. */
  see(streams: readonly Buffer[]): Promise<SeenStream[]>;
}

export function createHttpOracle(): HttpOracle {
  const server = createOracleServer();
  return {
    async see(streams) {
      const sockets = streams.map((bytes) => {
        const socket = new MemorySocket();
        socket.on("error", () => {});
        server.emit("connection", socket);
        socket.push(bytes);
        return socket;
      });
      // Twice round the event loop: the streams pass their bytes on in the first.
      for (let round = 0; round < 2; round++) await new Promise((resolve) => setImmediate(resolve));
      for (const socket of sockets) socket.destroy();
      return sockets.map(({ seen }) => seen);
    },
  };
}

function createOracleServer(): Server {
  const server = createServer((request, response) => {
    const { seen } = request.socket as unknown as MemorySocket;
    const header = request.headers["x-forwarded-for"];
    seen.requests.push({
      method: request.method ?? "",
      url: request.url ?? "",
      forwardedFor: Array.isArray(header) ? header.join(",") : (header ?? ""),
      keepsAlive: response.shouldKeepAlive,
    });
    response.end();
  });
  server.on("clientError", (_error, socket) => {
    (socket as unknown as MemorySocket).seen.isRefused = true;
    socket.destroy();
  });
  return server;
}
