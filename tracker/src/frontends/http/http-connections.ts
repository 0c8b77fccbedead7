// The connections of the ports: announces and scrapes are answered here, everything else goes to node:http.
import type { Server } from "node:http";
import type { Socket } from "node:net";
import { ByteWriter } from "../../wire/byte-writer.ts";
import { HttpRequestReader } from "../../wire/http-request.ts";
import type { FaultCounts } from "../fault-counts.ts";
import { type ConnectionLimits, HttpConnection } from "./http-connection.ts";
import type { TrackerAnswers } from "./tracker-answers.ts";

export interface HttpConnectionsOptions {
  readonly answers: TrackerAnswers;
  readonly faults: FaultCounts;
  /** Shorter where a test is in a hurry. */
  readonly limits?: ConnectionLimits;
}

export interface HttpConnections {
  /**
   * Reads what comes in at `server` and hands it the connections that bring something else. The result reads sockets that
   * come in elsewhere (such as from TLS) in the same way.
   */
  take(server: Server): (socket: Socket) => void;
  /** Answers what has been asked already, and then closes every connection. */
  stop(): void;
  /** Closes every connection now. */
  closeAll(): void;
}

const LIMITS: ConnectionLimits = { headSeconds: 10, idleSeconds: 60, unreadSeconds: 30 };
/** How exactly the limits are kept. */
const TICKS_PER_LIMIT = 10;

export function createHttpConnections({ answers, faults, limits = LIMITS }: HttpConnectionsOptions): HttpConnections {
  const open = new Set<HttpConnection>();
  const tickSeconds = Math.min(...Object.values(limits)) / TICKS_PER_LIMIT;
  let seconds = 0;
  let timer: NodeJS.Timeout | undefined;
  const shared = {
    answers,
    faults,
    limits,
    reader: new HttpRequestReader(),
    out: new ByteWriter(),
    seconds: () => seconds,
    onGone: (connection: HttpConnection) => void open.delete(connection),
  };

  /** One timer for all: a timer a connection would cost more than the rest of its bookkeeping. */
  function tick(): void {
    seconds += tickSeconds;
    for (const connection of open) connection.checkTime();
    if (open.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  }

  function take(server: Server): (socket: Socket) => void {
    const own = server.listeners("connection");
    const handOver = (socket: Socket) => own.forEach((listener) => void listener.call(server, socket));
    const parts = { ...shared, handOver };
    const accept = (socket: Socket) => {
      open.add(new HttpConnection(socket, parts));
      timer ??= setInterval(tick, tickSeconds * 1000).unref();
    };
    server.removeAllListeners("connection").on("connection", accept);
    return accept;
  }

  return {
    take,
    stop: () => open.forEach((connection) => connection.stop()),
    closeAll: () => open.forEach((connection) => connection.destroy()),
  };
}
