// The PostgreSQL that the tracker hands to what clients moved; it is reached by a file, from whatever namespace.
import { startPostgres } from "../../../support/postgres-server.ts";
import type { MovedBytes } from "../lab-client.ts";
import type { Restartable } from "./lab-tracker.ts";

export interface LabSink extends Restartable {
  /** For the tracker. */
  readonly url: string;
  /** What it was told, by the host that announced; and how many clients have said goodbye. */
  sums(): Promise<SinkSums>;
  close(): Promise<void>;
}

export interface SinkSums {
  readonly stopped: number;
  readonly hosts: ReadonlyMap<string, MovedBytes>;
}

interface SumRow {
  readonly user_name: string;
  readonly uploaded: string;
  readonly downloaded: string;
  readonly stopped: string;
}

const IS_THERE = `SELECT to_regclass('rackcast_deltas') IS NOT NULL AS "isThere"`;
const SUMS = `SELECT user_name, sum(uploaded) AS uploaded, sum(downloaded) AS downloaded,
    count(*) FILTER (WHERE event = 'stopped') AS stopped
  FROM rackcast_deltas GROUP BY user_name`;

export async function startLabSink(): Promise<LabSink> {
  const server = await startPostgres();
  return {
    url: server.socketUrl,
    kill: server.kill,
    restart: server.restart,
    async sums() {
      const [there] = await server.query<{ isThere: boolean }>(IS_THERE);
      const rows = there?.isThere === true ? await server.query<SumRow>(SUMS) : [];
      const moved = rows.map(({ user_name, uploaded, downloaded }) => {
        return [user_name, { uploaded: Number(uploaded), downloaded: Number(downloaded) }] as const;
      });
      return { stopped: rows.reduce((sum, row) => sum + Number(row.stopped), 0), hosts: new Map(moved) };
    },
    close: server.close,
  };
}
