// A real redis-server for a test: its own port, its own folder, ended with the test.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Redis } from "ioredis";
import { type SupervisedChild, startChild } from "../../deployer-cli/src/rtorrent/supervised-child.ts";
import { findServerPort } from "./redis-port.ts";

/** Files in PEM that a server shows and checks clients' certificates with. */
export interface RedisTlsFiles {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

export interface RedisServerOptions {
  /** Keeps every write on disk (`appendfsync everysec`), so that it outlives SIGKILL. */
  readonly appendOnly?: boolean;
  readonly password?: string;
  /** Speaks TLS only. */
  readonly tls?: RedisTlsFiles;
  /** More of its command line, such as `["--maxmemory", "5mb"]`. */
  readonly args?: readonly string[];
}

export interface RedisServer {
  readonly port: number;
  /** `redis://127.0.0.1:<port>`, with the password if there is one; `rediss:` with TLS. */
  readonly url: string;
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
export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  for (let attempt = 1; ; attempt++) {
    const port = await findServerPort();
    try {
      return await startAt(port, options);
    } catch (error) {
      // Somebody else took the port since it was found free.
      if (attempt === MOST_ATTEMPTS || !String(error).includes("already in use")) throw error;
    }
  }
}

async function startAt(port: number, options: RedisServerOptions): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), "rackcast-redis-"));
  const args = argumentsOf(port, folder, options);
  const client = createClient(port, options);
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
  return { port, url: urlOf(port, options), folder, client, pid: () => child.pid, kill, restart, close };
}

function argumentsOf(port: number, folder: string, options: RedisServerOptions): string[] {
  const { appendOnly = false, password, tls, args = [] } = options;
  const ports = tls ? ["--port", "0", "--tls-port", `${port}`, ...tlsArguments(tls)] : ["--port", `${port}`];
  const data = ["--dir", folder, "--save", "", "--appendonly", appendOnly ? "yes" : "no", "--appendfsync", "everysec"];
  return [...ports, "--bind", "127.0.0.1", ...data, ...(password ? ["--requirepass", password] : []), ...args];
}

function tlsArguments({ caFile, certFile, keyFile }: RedisTlsFiles): string[] {
  const files = ["--tls-ca-cert-file", caFile, "--tls-cert-file", certFile, "--tls-key-file", keyFile];
  return [...files, "--tls-auth-clients", "no"];
}

function createClient(port: number, { password, tls }: RedisServerOptions): Redis {
  const client = new Redis({
    port,
    protocol: 2,
    disableClientInfo: true,
    maxRetriesPerRequest: null,
    retryStrategy: () => 25,
    ...(password === undefined ? {} : { password }),
    ...(tls === undefined ? {} : { tls: { rejectUnauthorized: false } }),
  });
  // It is refused while the server is away; what is asked of it waits.
  return client.on("error", () => undefined);
}

async function launch(folder: string, args: readonly string[]): Promise<SupervisedChild> {
  // Nothing else of this process' environment: the locale and such may change what a server does.
  const env = { PATH: process.env["PATH"], HOME: folder, RACKCAST_TEST_RUN: process.env["RACKCAST_TEST_RUN"] };
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

function urlOf(port: number, { password, tls }: RedisServerOptions): string {
  const credentials = password === undefined ? "" : `:${encodeURIComponent(password)}@`;
  return `${tls ? "rediss" : "redis"}://${credentials}127.0.0.1:${port}`;
}
