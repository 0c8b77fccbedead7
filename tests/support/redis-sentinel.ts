// A real master with a replica and three Sentinels for a test; a dead master is replaced within a few seconds.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type RedisProcess, startRedisProcess } from "./redis-process.ts";
import { type RedisServer, startRedis } from "./redis-server.ts";

export interface RedisSentinels {
  /** What is the master at the start, and its replica. */
  readonly master: RedisServer;
  readonly replica: RedisServer;
  readonly sentinels: readonly RedisProcess[];
  readonly masterName: string;
  /** `127.0.0.1:<port>` of each Sentinel, with commas. */
  readonly list: string;
  /** Resolves when every Sentinel names the server on this port as the master. */
  follow(port: number): Promise<void>;
  close(): Promise<void>;
}

const MASTER_NAME = "release-master";
const SENTINELS = 3;
const QUORUM = 2;
const DOWN_AFTER_MS = 1_000;
/** By default a master waits 5 s for more replicas to come. */
const PROMPT_SYNC = ["--repl-diskless-sync-delay", "0"];
const STATE_TIMEOUT_MS = 20_000;

/** Resolves when the replica follows and every Sentinel knows it and the others. */
export async function startRedisSentinels({ appendOnly = false } = {}): Promise<RedisSentinels> {
  const started: RedisProcess[] = [];
  const close = async () => void (await Promise.all(started.map((one) => one.close())));
  const keep = async <T extends RedisProcess>(starting: Promise<T>) => {
    const one = await starting;
    started.push(one);
    return one;
  };
  try {
    const master = await keep(startRedis({ appendOnly, args: PROMPT_SYNC }));
    const args = [...PROMPT_SYNC, "--replicaof", `127.0.0.1 ${master.port}`];
    const replica = await keep(startRedis({ appendOnly, args }));
    await until(async () => (await replica.client.info("replication")).includes("master_link_status:up"));
    const sentinels = await Promise.all(Array.from({ length: SENTINELS }, () => keep(startSentinel(master.port))));
    for (const { client } of sentinels) await until(async () => knowsAll(await stateOf(client)));
    const follow = async (port: number) => {
      for (const { client } of sentinels) await until(async () => (await stateOf(client)).get("port") === `${port}`);
    };
    const list = sentinels.map(({ port }) => `127.0.0.1:${port}`).join(",");
    return { master, replica, sentinels, masterName: MASTER_NAME, list, follow, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startSentinel(masterPort: number): Promise<RedisProcess> {
  const lines = [
    `sentinel monitor ${MASTER_NAME} 127.0.0.1 ${masterPort} ${QUORUM}`,
    `sentinel down-after-milliseconds ${MASTER_NAME} ${DOWN_AFTER_MS}`,
    `sentinel failover-timeout ${MASTER_NAME} 5000`,
  ];
  return await startRedisProcess({
    args(port, folder) {
      // A Sentinel writes what it learns into its configuration.
      const file = join(folder, "sentinel.conf");
      writeFileSync(file, [`port ${port}`, "bind 127.0.0.1", `dir ${folder}`, ...lines, ""].join("\n"));
      return [file, "--sentinel"];
    },
  });
}

async function stateOf(sentinel: RedisProcess["client"]): Promise<ReadonlyMap<string, string>> {
  const pairs = (await sentinel.call("SENTINEL", "MASTER", MASTER_NAME)) as string[];
  return new Map(pairs.flatMap((name, index) => (index % 2 === 0 ? [[name, pairs[index + 1] ?? ""] as const] : [])));
}

function knowsAll(state: ReadonlyMap<string, string>): boolean {
  return state.get("num-slaves") === "1" && state.get("num-other-sentinels") === `${SENTINELS - 1}`;
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + STATE_TIMEOUT_MS;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error("the Sentinels and their servers did not come together in time");
    await delay(50);
  }
}
