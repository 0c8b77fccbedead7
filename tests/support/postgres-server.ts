// A real PostgreSQL for a test: its own port, its own folder, ended with the test.
import { spawnSync } from "node:child_process";
import { chownSync, readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Client } from "pg";
import { type SupervisedChild, startChild } from "../../deployer-cli/src/rtorrent/supervised-child.ts";
import { findServerPort } from "./redis-port.ts";
import { RUN_ENVIRONMENT } from "./run-environment.ts";

export interface PostgresServer {
  readonly port: number;
  /** `postgres://postgres@127.0.0.1:<port>/postgres`: everybody is trusted. */
  readonly url: string;
  /** The same by a file, which is reached from whatever network namespace. */
  readonly socketUrl: string;
  /** By a connection of its own, as the superuser. Several statements, or one with parameters. */
  query<Row extends object>(text: string, values?: unknown[]): Promise<Row[]>;
  /** Without a word to its clients; what it has acknowledged stays. Resolves when it has ended. */
  kill(): Promise<void>;
  /** After `kill`, with the same port and data. Resolves when it answers. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

const PROGRAMS = "/usr/lib/postgresql";
const START_TIMEOUT_MS = 30_000;
const MOST_ATTEMPTS = 5;
const USER = "postgres";
/** Whatever the machine does with its disks: tests end processes, not the machine. */
const SETTINGS = {
  fsync: "off",
  full_page_writes: "off",
  autovacuum: "off",
  shared_buffers: "16MB",
  max_connections: "30",
  listen_addresses: "127.0.0.1",
};
const running = new Set<SupervisedChild>();
process.once("exit", () => {
  for (const { pid } of running) process.kill(pid, "SIGKILL");
});

/** Resolves when it answers. */
export async function startPostgres(): Promise<PostgresServer> {
  const folder = await mkdtemp(join(tmpdir(), "rackcast-postgres-"));
  try {
    giveToUser(folder);
    const data = join(folder, "data");
    await run(
      "initdb",
      ["--pgdata", data, "--auth=trust", `--username=${USER}`, "--encoding=UTF8", "--locale=C", "--no-sync"],
      folder,
    );
    return await startAnywhere(folder, data);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function startAnywhere(folder: string, data: string): Promise<PostgresServer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startAt(await findServerPort(), folder, data);
    } catch (error) {
      // Somebody else took the port since it was found free.
      if (attempt === MOST_ATTEMPTS || !String(error).includes("could not bind")) throw error;
    }
  }
}

async function startAt(port: number, folder: string, data: string): Promise<PostgresServer> {
  const url = `postgres://${USER}@127.0.0.1:${port}/postgres`;
  const settings = Object.entries({ ...SETTINGS, port: `${port}`, unix_socket_directories: folder });
  const args = ["-D", data, ...settings.flatMap(([name, value]) => ["-c", `${name}=${value}`])];
  let child = await launch(args, folder, url);

  async function kill(): Promise<void> {
    if (running.has(child)) await child.kill();
  }

  return {
    port,
    url,
    socketUrl: `postgres:///postgres?${new URLSearchParams({ host: folder, port: `${port}`, user: USER }).toString()}`,
    query: (text, values) => ask(url, text, values),
    kill,
    async restart() {
      child = await launch(args, folder, url);
    },
    async close() {
      // Its own children first.
      if (running.has(child)) process.kill(child.pid, "SIGQUIT");
      await child.exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function ask<Row extends object>(url: string, text: string, values?: unknown[]): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end();
  }
}

/** The processes of one that was killed take a moment to notice, and keep its memory until they have. */
async function launch(args: readonly string[], folder: string, url: string): Promise<SupervisedChild> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const child = await startProgram("postgres", args, folder);
    running.add(child);
    let isOver = false;
    void child.exited.then(() => {
      isOver = true;
      running.delete(child);
    });
    while (!isOver && Date.now() < deadline) {
      if (await isAnswering(url)) return child;
      await delay(20);
    }
    await child.kill();
    const isEarly = child.output().includes("still in use");
    if (!isEarly || Date.now() > deadline) throw new Error(`postgres did not start:\n${child.output()}`);
  }
}

async function isAnswering(url: string): Promise<boolean> {
  return ask(url, "SELECT 1").then(
    () => true,
    () => false,
  );
}

async function run(program: string, args: readonly string[], folder: string): Promise<void> {
  const child = await startProgram(program, args, folder);
  const { code } = await child.exited;
  if (code !== 0) throw new Error(`${program} ended with code ${code}:\n${child.output()}`);
}

/** It refuses to run as root. */
async function startProgram(program: string, args: readonly string[], folder: string): Promise<SupervisedChild> {
  const executable = join(PROGRAMS, newestVersion(), "bin", program);
  const env = { ...RUN_ENVIRONMENT, HOME: folder };
  if (!isRoot()) return startChild({ executable, args, cwd: folder, env });
  const asUser = [`--reuid=${USER}`, `--regid=${USER}`, "--clear-groups", "--"];
  return startChild({ executable: "setpriv", args: [...asUser, executable, ...args], cwd: folder, env });
}

function newestVersion(): string {
  const versions = readdirSync(PROGRAMS).toSorted((one, other) => Number(other) - Number(one));
  if (versions[0] === undefined) throw new Error("PostgreSQL is missing; run sh ops/setup.sh");
  return versions[0];
}

function giveToUser(folder: string): void {
  if (!isRoot()) return;
  const [uid, gid] = ["-u", "-g"].map((which) => Number(spawnSync("id", [which, USER], { encoding: "utf8" }).stdout));
  chownSync(folder, uid!, gid!);
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}
