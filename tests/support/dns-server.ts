// A real DNS server (knot) for a test: its own port of the loopback, its own zones, ended with the test.
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { Resolver } from "node:dns/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type SupervisedChild, startChild } from "../../deployer-cli/src/rtorrent/supervised-child.ts";
import { findServerPort } from "./redis-port.ts";
import { RUN_ENVIRONMENT } from "./run-environment.ts";

export interface DnsServer {
  /** `127.0.0.1:<port>`. */
  readonly address: string;
  /** Stops it in its tracks: from when this resolves it takes questions and answers none. */
  pause(): Promise<void>;
  resume(): void;
  close(): Promise<void>;
}

/** Records as in a zone file, such as `5.1.77.10 120 PTR web1.example.`, by the zone that they are in. */
export type DnsZones = ReadonlyMap<string, readonly string[]>;

const START_TIMEOUT_MS = 15_000;
const MOST_ATTEMPTS = 5;

/** Resolves when it answers. */
export async function startDnsServer(zones: DnsZones): Promise<DnsServer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startAt(await findServerPort(), zones);
    } catch (error) {
      // Somebody else took the port since it was found free.
      if (attempt === MOST_ATTEMPTS || !String(error).includes("cannot bind")) throw error;
    }
  }
}

async function startAt(port: number, zones: DnsZones): Promise<DnsServer> {
  const folder = await mkdtemp(join(tmpdir(), "rackcast-dns-"));
  for (const [zone, records] of zones) await writeFile(join(folder, `${zone}.zone`), zoneText(zone, records));
  await writeFile(join(folder, "knot.conf"), configText(port, folder, [...zones.keys()]));
  const env = { ...RUN_ENVIRONMENT, PATH: `${process.env["PATH"]}:/usr/sbin` };
  const child = await startChild({ executable: "knotd", args: ["-c", join(folder, "knot.conf")], cwd: folder, env });

  async function close(): Promise<void> {
    process.removeListener("exit", end);
    await child.kill();
    await rm(folder, { recursive: true, force: true });
  }

  const end = () => void process.kill(child.pid, "SIGKILL");
  process.once("exit", end);
  await answering(port, [...zones.keys()], child).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  return {
    address: `127.0.0.1:${port}`,
    async pause() {
      process.kill(child.pid, "SIGSTOP");
      while (!(await isStopped(child.pid))) await delay(5);
    },
    resume: () => void process.kill(child.pid, "SIGCONT"),
    close,
  };
}

/** Every thread of it: each stops at its own next turn. */
async function isStopped(pid: number): Promise<boolean> {
  const threads = await readdir(`/proc/${pid}/task`);
  const states = threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/status`, "latin1"));
  return (await Promise.all(states)).every((status) => /^State:\s+T/m.test(status));
}

function zoneText(zone: string, records: readonly string[]): string {
  const head = [`$ORIGIN ${zone}.`, "$TTL 300", "@ SOA ns.test. admin.test. 1 3600 600 86400 300", "@ NS ns.test."];
  return `${[...head, ...records].join("\n")}\n`;
}

function configText(port: number, folder: string, zones: readonly string[]): string {
  return `server:
  rundir: "${folder}"
  listen: 127.0.0.1@${port}
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
log:
  - target: stderr
    any: info
database:
  storage: "${folder}"
template:
  - id: default
    storage: "${folder}"
    file: "%s.zone"
    zonefile-sync: -1
    journal-content: none
zone:
${zones.map((zone) => `  - domain: ${zone}\n`).join("")}`;
}

async function answering(port: number, zones: readonly string[], child: SupervisedChild): Promise<void> {
  const resolver = new Resolver({ timeout: 200, tries: 1 });
  resolver.setServers([`127.0.0.1:${port}`]);
  let exited = false;
  void child.exited.then(() => (exited = true));
  for (const giveUpAt = performance.now() + START_TIMEOUT_MS; performance.now() < giveUpAt && !exited;) {
    const answers = await Promise.allSettled(zones.map((zone) => resolver.resolveSoa(zone)));
    if (answers.every(({ status }) => status === "fulfilled")) return;
    await delay(25);
  }
  throw new Error(`knotd ${exited ? "ended" : `did not answer within ${START_TIMEOUT_MS} ms`}:\n${child.output()}`);
}
