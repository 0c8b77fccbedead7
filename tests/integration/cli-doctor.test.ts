// The doctor before real patients: a tracker, an rtorrent as it is rendered and one that leaks, a Redis that evicts, a closed port.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RtorrentSettings, renderRtorrent } from "@rackcast/client-config";
import { type RtorrentProcess, startConfiguredRtorrent } from "@rackcast/deployer-cli/rtorrent";
import { startTestSmdb, type TestSmdb } from "../support/reference-smdb.ts";
import { findServerPort } from "../support/redis-port.ts";
import { type RedisServer, startRedis } from "../support/redis-server.ts";
import { startTrackerCommand, type TrackerCommand } from "../support/tracker-command.ts";
import { type Outcome, runCommand } from "./cli-process.ts";
import { RUN_ENVIRONMENT } from "../support/run-environment.ts";

const KNOWN = "10.77.1.5";

let folder: string;
let tracker: TrackerCommand;
let smdb: TestSmdb;
let evicting: RedisServer;
let rendered: RtorrentProcess;
let leaky: RtorrentProcess;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "rackcast-doctor-"));
  writeFileSync(join(folder, "racks"), "10.77.1.0/24 rack1\n");
  writeFileSync(join(folder, "fleet"), `${KNOWN}\n10.77.9.9\n`);
  const args = ["--data-dir", join(folder, "data"), "--topology-file", join(folder, "racks")];
  const policy = ["--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"];
  [tracker, smdb, evicting, rendered, leaky] = await Promise.all([
    startTrackerCommand(args),
    startTestSmdb([{ name: "web1", addresses: [KNOWN], cabinet: "rack1" }]),
    startRedis({ args: policy, password: "hidden" }),
    startClient("rendered", (text) => text),
    startClient("leaky", withLeaks),
  ]);
}, 60_000);
afterAll(async () => {
  await Promise.all([tracker.end("SIGTERM"), smdb.close(), evicting.close(), rendered.kill(), leaky.kill()]);
  rmSync(folder, { recursive: true });
});

async function startClient(name: string, change: (rc: string) => string): Promise<RtorrentProcess> {
  const own = join(folder, name);
  const settings: RtorrentSettings = {
    directory: join(own, "payloads"),
    sessionDirectory: join(own, "session"),
    scgiSocket: join(own, "rpc.sock"),
    listenPort: { first: 6890, last: 6999 },
    bindAddress: "127.0.9.7",
  };
  for (const path of [settings.directory, settings.sessionDirectory]) mkdirSync(path, { recursive: true });
  const configFile = join(own, "rtorrent.rc");
  writeFileSync(configFile, change(renderRtorrent(settings)));
  return startConfiguredRtorrent({ configFile, scgiSocket: settings.scgiSocket, env: RUN_ENVIRONMENT });
}

function withLeaks(rc: string): string {
  return rc
    .replace("protocol.pex.set = no", "protocol.pex.set = yes")
    .replace("network.max_open_sockets.set = 512", "network.max_open_sockets.set = 60000")
    .replace(/^schedule2 = .*$/m, "");
}

function doctor(...args: string[]): Promise<Outcome> {
  return runCommand(["doctor", ...args], {
    cwd: folder,
    env: { RACKCAST_TRACKER: tracker.url, REDIS_PASSWORD: "hidden" },
  });
}

interface Told {
  readonly code: number | null;
  readonly stderr: string;
  /** `failed: what was seen`, by the check's name. */
  readonly checks: Readonly<Record<string, string>>;
}

async function told(...args: string[]): Promise<Told> {
  const { code, stdout, stderr } = await doctor(...args, "--json");
  const { checks } = JSON.parse(stdout) as { checks: { check: string; status: string; seen: string }[] };
  return {
    code,
    stderr,
    checks: Object.fromEntries(checks.map(({ check, status, seen }) => [check, `${status}: ${seen}`])),
  };
}

describe("rackcast doctor", () => {
  it("finds nothing wrong with a tracker, the machine, and a client as it is rendered", async () => {
    const { code, checks, stderr } = await told("--socket", rendered.control.socketPath);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(checks).toMatchObject({
      "tracker: ready": `ok: ${tracker.url} is ready: registry, store`,
      "tracker: clock": expect.stringMatching(/^ok/),
      "announce: http": expect.stringMatching(/^ok/),
      "announce: udp": expect.stringMatching(/^ok/),
      "client: version": expect.stringMatching(/^ok: rtorrent 0\.9\.8 .*300 s/),
      "client: discovery": expect.stringMatching(/^ok/),
      "client: schedule": expect.stringMatching(/^ok: .* every 2 s/),
      "client: open files": expect.stringMatching(/^ok/),
    });
  });

  it("finds what leaks in a client, and exits with 1", async () => {
    chmodSync(leaky.control.socketPath, 0o777);
    const { code, checks, stderr } = await told("--socket", leaky.control.socketPath);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^rackcast: 4 checks failed: client: socket/),
    });
    expect(checks).toMatchObject({
      "client: socket": expect.stringMatching(/^failed: .* by anybody \(0777\)/),
      "client: discovery": expect.stringMatching(/^failed: it uses PEX/),
      "client: schedule": expect.stringMatching(/^failed: .* no announce schedule/),
      "client: open files": expect.stringMatching(/^failed: rtorrent may open \d+ files/),
    });
  });

  it("finds a Redis that evicts, a closed port, and hosts that nobody knows", async () => {
    const closed = `127.0.0.1:${await findServerPort()}`;
    const redisUrl = `redis://127.0.0.1:${evicting.port}`;
    const { code, checks } = await told("--redis-url", redisUrl, "--peer", closed, "--hosts", "fleet");
    expect(code).toBe(1);
    expect(checks).toMatchObject({
      redis: `failed: Redis at 127.0.0.1:${evicting.port} evicts keys: allkeys-lru`,
      peer: `failed: ${closed} cannot be connected to: ECONNREFUSED`,
      topology: "failed: nobody knows the rack of 1 host: 10.77.9.9",
    });
    const refused = await told("--redis-url", redisUrl.replace("//", "//:wrong@"));
    expect(refused.checks["redis"]).toMatch(/^failed: .*WRONGPASS/);
    const server = `127.0.0.1:${evicting.port}`;
    expect((await told("--peer", server)).checks["peer"]).toBe(`ok: ${server} takes connections`);
  });

  it("finds an SMDB that knows the address, does not, and is broken", async () => {
    const seen = async (address: string) =>
      (await told("--smdb-url", smdb.url, "--smdb-address", address)).checks["smdb"];
    expect(await seen(KNOWN)).toMatch(/: rack1, after/);
    expect(await seen("10.77.9.9")).toMatch(/^warning: .* no such host/);
    smdb.setFaults({ garbage: true });
    expect(await seen(KNOWN)).toMatch(/^failed: /);
    smdb.setFaults({});
  });

  it("goes on without the parts that are missing, and is done within 20 s", async () => {
    const began = performance.now();
    const nowhere = `http://127.0.0.1:${await findServerPort()}`;
    const { code, checks } = await told("--tracker", nowhere, "--socket", join(folder, "none.sock"));
    expect(performance.now() - began).toBeLessThan(20_000);
    expect(code).toBe(1);
    expect(checks).toMatchObject({
      "tracker: ready": `failed: no tracker answers at ${nowhere}: ECONNREFUSED`,
      "announce: http": "skipped: the tracker does not answer",
      "client: socket": expect.stringMatching(/^failed: rtorrent at .*ENOENT/),
      "client: disk": "skipped: rtorrent does not answer",
      "machine: node": expect.stringMatching(/^ok/),
    });
  });

  it("tells people what to do under each finding", async () => {
    const { stdout } = await doctor("--peer", `127.0.0.1:${await findServerPort()}`);
    expect(stdout).toMatch(/^failed +peer +127\.0\.0\.1:\d+ cannot be connected to:[\s\S]*→ Start the client there/m);
    expect(stdout).toMatch(/^\d+ checks: 1 failed/m);
  });
});
