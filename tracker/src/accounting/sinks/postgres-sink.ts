// Deltas in a table of PostgreSQL: one statement a batch, by one connection that is made when there is something to write.
import { Socket } from "node:net";
import { Client, type ClientConfig } from "pg";
import type { Delta } from "../delta.ts";
import type { DeltaSink } from "../delta-sink.ts";
import { tellPostgresError } from "./postgres-errors.ts";
import { insertion, migrate } from "./postgres-schema.ts";
import type { PostgresSinkSettings } from "./sink-settings.ts";

/** What the address says comes before it. Time-outs are the client's alone: PgBouncer refuses a connection that brings some for the server. */
const DEFAULTS = {
  application_name: "rackcast",
  connectionTimeoutMillis: 10_000,
  query_timeout: 30_000,
  keepAlive: true,
} satisfies ClientConfig;
const GOODBYE_MS = 1_000;

interface Session {
  readonly client: Client;
  /** It is connected, and the table is there. */
  isReady: boolean;
  /** Gives it up, whatever it is doing. */
  destroy(): void;
}

/** Throws `SinkError` when a file of a certificate cannot be read. */
export function openPostgresSink({ url, table }: PostgresSinkSettings): DeltaSink {
  let session: Session | undefined;
  create(url).destroy();

  async function connected(): Promise<Client> {
    if (session !== undefined) return session.client;
    const fresh = (session = create(url));
    const forget = () => void (session === fresh && (session = undefined));
    // Of a connection that ends while nothing is asked of it.
    fresh.client.on("error", forget);
    await fresh.client.connect();
    await migrate(fresh.client, table);
    fresh.isReady = true;
    return fresh.client;
  }

  return {
    async write(batch) {
      try {
        const client = await connected();
        await client.query(insertion(table), [textOf(batch)]);
      } catch (error) {
        // A time-out leaves the connection amid an answer, and the table may be another one by the next.
        session?.destroy();
        session = undefined;
        throw tellPostgresError(error, { url, table });
      }
    },
    async close() {
      const closing = session;
      session = undefined;
      if (closing !== undefined) await takeLeave(closing);
    },
  };
}

/** One that is not ready yet is not asked to end: `pg` would leave whoever waits for it waiting. */
async function takeLeave({ client, isReady, destroy }: Session): Promise<void> {
  const timer = setTimeout(destroy, GOODBYE_MS);
  if (isReady) await client.end();
  clearTimeout(timer);
  destroy();
}

function create(url: string): Session {
  const socket = new Socket();
  try {
    const client = new Client({ ...DEFAULTS, connectionString: url, stream: () => socket });
    return { client, isReady: false, destroy: () => void socket.destroy() };
  } catch (error) {
    throw tellPostgresError(error, { url });
  }
}

/** PostgreSQL has no text with a zero byte or half a character; one delta that it refuses would keep all others waiting. */
function textOf(batch: readonly Delta[]): string {
  return JSON.stringify(batch, (_, value: unknown) =>
    typeof value === "string" ? value.toWellFormed().replaceAll("\0", "\uFFFD") : value,
  );
}
