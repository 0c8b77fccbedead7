// A real Redis Cluster of three masters for a test.
import { setTimeout as delay } from "node:timers/promises";
import { findServerPort } from "./redis-port.ts";
import { type RedisServer, startRedis } from "./redis-server.ts";

export interface RedisCluster {
  /** The masters; each serves a third of the slots. */
  readonly nodes: readonly RedisServer[];
  /** `127.0.0.1:<port>` of each, with commas. */
  readonly list: string;
  /** Resolves when every node sees the whole Cluster in this state. */
  reaches(state: "ok" | "fail"): Promise<void>;
  close(): Promise<void>;
}

const MASTERS = 3;
const SLOTS = 16_384;
const STATE_TIMEOUT_MS = 20_000;

/** Resolves when every node takes commands. */
export async function startRedisCluster({ appendOnly = false } = {}): Promise<RedisCluster> {
  const nodes = await Promise.all(Array.from({ length: MASTERS }, async () => await startNode(appendOnly)));
  const close = async () => void (await Promise.all(nodes.map((node) => node.close())));
  const reaches = async (state: "ok" | "fail") => await reachesState(nodes, state);
  try {
    await join(nodes);
    await reaches("ok");
  } catch (error) {
    await close();
    throw error;
  }
  return { nodes, list: nodes.map(({ port }) => `127.0.0.1:${port}`).join(","), reaches, close };
}

async function startNode(appendOnly: boolean): Promise<RedisServer> {
  const bus = await findServerPort();
  const args = ["--cluster-enabled", "yes", "--cluster-port", `${bus}`, "--cluster-node-timeout", "1000"];
  return await startRedis({ appendOnly, args });
}

async function join(nodes: readonly RedisServer[]): Promise<void> {
  for (const [index, { client }] of nodes.entries()) {
    const [first, next] = [index, index + 1].map((part) => Math.floor((part * SLOTS) / nodes.length));
    await client.call("CLUSTER", "ADDSLOTSRANGE", `${first}`, `${next! - 1}`);
    await client.call("CLUSTER", "SET-CONFIG-EPOCH", `${index + 1}`);
  }
  const bus = await busPort(nodes[0]!);
  for (const { client } of nodes.slice(1)) {
    await client.call("CLUSTER", "MEET", "127.0.0.1", `${nodes[0]!.port}`, bus);
  }
}

async function busPort({ client }: RedisServer): Promise<string> {
  const [, port] = (await client.config("GET", "cluster-port")) as string[];
  return port!;
}

async function reachesState(nodes: readonly RedisServer[], state: string): Promise<void> {
  const deadline = Date.now() + STATE_TIMEOUT_MS;
  for (const { client, pid } of nodes) {
    while (isAlive(pid())) {
      const info = await client.cluster("INFO");
      if (info.includes(`cluster_state:${state}`) && info.includes(`cluster_known_nodes:${nodes.length}`)) break;
      if (Date.now() > deadline) throw new Error(`the Cluster did not become ${state}:\n${info}`);
      await delay(50);
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
