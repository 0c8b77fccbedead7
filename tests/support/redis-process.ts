// A process of Redis' server program in a folder and on a port of its own: started, stopped, killed and started again.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Redis } from "ioredis";
import { type SupervisedChild, startChild } from "../../deployer-cli/src/rtorrent/supervised-child.ts";
import { findServerPort } from "./redis-port.ts";
import { RUN_ENVIRONMENT } from "./run-environment.ts";

export interface RedisProcessStart {
  /** Its command line; the folder is there already. */
  readonly args: (port: number, folder: string) => readonly string[];
  readonly password?: string | undefined;
  readonly isTls?: boolean;
}

export interface RedisProcess {
  readonly port: number;
  /** Holds its data; removed by `close`. */
  readonly folder: string;
  /** For looking into it past what is tested; reconnects by itself, and its commands wait until it has. */
  readonly client: Redis;
  readonly pid: () => number;
  /** Sends a signal. Resolves when the process has ended, for those that end it; at once for SIGSTOP and SIGCONT. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Starts it again with the same port and data, after it was killed or as it is. Resolves when it answers. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

const START_TIMEOUT_MS = 15_000;
const MOST_ATTEMPTS = 5;
const running = new Set<SupervisedChild>();
process.once("exit", () => {
  for (const { pid } of running) process.kill(pid, "SIGKILL");
});

/** Resolves when it answers PING. */
export async function startRedisProcess(start: RedisProcessStart): Promise<RedisProcess> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startAt(await findServerPort(), start);
    } catch (error) {
      // Somebody else took the port since it was found free.
      if (attempt === MOST_ATTEMPTS || !String(error).includes("already in use")) throw error;
    }
  }
}

async function startAt(port: number, start: RedisProcessStart): Promise<RedisProcess> {
  const folder = await mkdtemp(join(tmpdir(), "rackcast-redis-"));
  const args = start.args(port, folder);
  const client = createClient(port, start);
  let child = await launch(folder, args);

  async function kill(signal: NodeJS.Signals): Promise<void> {
    if (!running.has(child)) return;
    process.kill(child.pid, signal);
    if (signal !== "SIGSTOP" && signal !== "SIGCONT") await child.exited;
  }

  async function close(): Promise<void> {
    client.disconnect();
    await kill("SIGKILL");
    await rm(folder, { recursive: true, force: true });
  }

  async function restart(): Promise<void> {
    await kill("SIGTERM");
    child = await launch(folder, args);
    await answering(client, child);
  }

  await answering(client, child).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  return { port, folder, client, pid: () => child.pid, kill, restart, close };
}

function createClient(port: number, { password, isTls }: RedisProcessStart): Redis {
  const client = new Redis({
    port,
    host: "127.0.0.1",
    protocol: 2,
    disableClientInfo: true,
    maxRetriesPerRequest: null,
    retryStrategy: () => 25,
    ...(password === undefined ? {} : { password }),
    ...(isTls === true ? { tls: { rejectUnauthorized: false } } : {}),
  });
  // It is refused while the server is away; what is asked of it waits.
  return client.on("error", () => undefined);
}

async function launch(folder: string, args: readonly string[]): Promise<SupervisedChild> {
  // Nothing else of this process' environment: the locale and such may change what a server does.
  const env = { ...RUN_ENVIRONMENT, HOME: folder };
  const child = await startChild({ executable: "redis-server", args, cwd: folder, env });
  running.add(child);
  void child.exited.then(() => running.delete(child));
  return child;
}

async function answering(client: Redis, child: SupervisedChild): Promise<void> {
  const abandoned = new AbortController();
  const ended = child.exited.then(() => Promise.reject(new Error(`redis-server ended:\n${child.output()}`)));
  const late = delay(START_TIMEOUT_MS, undefined, { signal: abandoned.signal }).then(() =>
    Promise.reject(new Error(`redis-server did not answer within ${START_TIMEOUT_MS} ms:\n${child.output()}`)),
  );
  const outcomes = [client.ping(), ended, late];
  for (const outcome of outcomes) outcome.catch(() => undefined);
  await Promise.race(outcomes).finally(() => abandoned.abort());
}
