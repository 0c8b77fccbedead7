// The tracker as it is run: a process with settings, a folder and a port, that can be killed at any time.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { get, type IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer, text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import oracle from "bencode";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PAYLOAD, torrent, type Torrent } from "./control-api-world.ts";
import { RUN_ENVIRONMENT } from "../support/run-environment.ts";

const EXAMPLES = join(import.meta.dirname, "../../ops/docs/examples");
const MAIN = join(import.meta.dirname, "../../tracker/src/main.ts");
const ORIGIN = "127.0.9.1";
const CAP = 2;
/** Long enough for some snapshots at the pace that these tests set. */
const SNAPSHOTS_MS = 500;

let folder: string;
let children: ChildProcess[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rackcast-tracker-"));
  children = [];
  writeFileSync(join(folder, "racks"), "127.0.1.0/24 rack1\n127.0.2.0/24 rack2\n127.0.9.0/24 origins\n");
});
afterEach(async () => {
  for (const child of children) if (child.exitCode === null && child.signalCode === null) await end(child, "SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Run {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

function run(args: readonly string[], env: Record<string, string> = {}): Run {
  const flags = ["--disable-warning=ExperimentalWarning", "--conditions=@rackcast/source"];
  const child = spawn(process.execPath, [...flags, MAIN, ...args], {
    cwd: folder,
    env: { ...RUN_ENVIRONMENT, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  const exit = once(child, "close") as Promise<[number | null]>;
  const ended = Promise.all([exit, text(child.stdout), text(child.stderr)]).then(([[code], stdout, stderr]) => ({
    code,
    stdout,
    stderr,
  }));
  return { child, ended };
}

interface Tracker extends Run {
  readonly url: string;
  readonly port: number;
}

const PLACE = ["--host", "127.0.0.1", "--port", "0", "--data-dir", "data"];

async function start(args: readonly string[] = [], place = PLACE): Promise<Tracker> {
  const started = run([...place, "--topology-file", "racks", "--snapshot-every", "0.1", ...args]);
  const line = await Promise.race([firstLine(started.child), started.ended.then(({ stderr }) => stderr)]);
  const url = /^Rackcast tracker listening on (http:\/\/\S+)$/.exec(line)?.[1];
  if (url === undefined) throw new Error(`the tracker did not start: ${line}`);
  return { ...started, url, port: Number(new URL(url).port) };
}

async function firstLine(child: ChildProcess): Promise<string> {
  let read = "";
  for (;;) {
    const [chunk] = (await once(child.stdout!, "data")) as [Buffer];
    read += chunk.toString();
    if (read.includes("\n")) return read.slice(0, read.indexOf("\n"));
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const closed = once(child, "close");
  child.kill(signal);
  await closed;
}

async function publish({ url }: Tracker, { infoHash, bytes }: Torrent): Promise<void> {
  const headers = { "content-type": "application/x-bittorrent" };
  const registered = await fetch(`${url}/transfers`, { method: "POST", headers, body: new Uint8Array(bytes) });
  expect(registered.status).toBe(201);
  const activated = await fetch(`${url}/transfers/${infoHash}/activate`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ origins: [ORIGIN] }),
  });
  expect(activated.status).toBe(200);
}

interface Told {
  readonly failure: string | undefined;
  readonly hosts: readonly string[];
}

/** A client of prompt HAVEs on a host announces from that host's own address. */
async function announce(tracker: Tracker, infoHash: string, host: string, left = PAYLOAD): Promise<Told> {
  return announceAs(tracker, infoHash, host, "-LT2080-", left);
}

async function announceAs(
  tracker: Tracker,
  infoHash: string,
  host: string,
  client: string,
  left = PAYLOAD,
): Promise<Told> {
  const hash = infoHash.replace(/../g, "%$&");
  const query = `info_hash=${hash}&peer_id=${client}${host.padEnd(12, "-")}&port=6881&uploaded=0&downloaded=0`;
  const request = get({
    host: "127.0.0.1",
    port: tracker.port,
    localAddress: host,
    agent: false,
    path: `/announce?${query}&left=${left}&compact=1&event=started`,
  });
  const [response] = (await once(request, "response")) as [IncomingMessage];
  const told = oracle.decode(await buffer(response)) as Record<string, Uint8Array | undefined>;
  const peers = Buffer.from(told["peers"] ?? []);
  const hosts = Array.from({ length: peers.length / 6 }, (_, at) => peers.subarray(at * 6, at * 6 + 4).join("."));
  const failure = told["failure reason"];
  return { hosts, failure: failure === undefined ? undefined : Buffer.from(failure).toString() };
}

/** A call whose body has begun and that waits for the rest. */
async function halfUpload({ port, child }: Tracker, body: Uint8Array): Promise<Socket> {
  const socket = connect(port, "127.0.0.1").on("error", () => {});
  const head = [
    "POST /transfers HTTP/1.1",
    "Host: tracker",
    "Content-Type: application/x-bittorrent",
    "Connection: close",
  ];
  socket.write(`${head.join("\r\n")}\r\nContent-Length: ${body.length}\r\nExpect: 100-continue\r\n\r\n`);
  // Told by Node.js once the call has reached its route.
  await Promise.race([once(socket, "data"), once(child, "close")]);
  socket.write(body.subarray(0, 1));
  return socket;
}

async function refusesConnections(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  const refused = await Promise.race([
    once(socket, "connect").then(() => false),
    new Promise<boolean>((resolve) => socket.on("error", () => resolve(true))),
  ]);
  socket.destroy();
  return refused;
}

interface Detail {
  readonly name: string;
  readonly state: string;
  readonly origins: readonly string[];
  readonly racks: readonly { readonly rack: string; readonly hosts: number; readonly representatives: number }[];
  readonly hosts: readonly { readonly address: string; readonly role: string; readonly rack: string }[];
}

async function detail({ url }: Tracker, infoHash: string): Promise<Detail> {
  return (await (await fetch(`${url}/transfers/${infoHash}`)).json()) as Detail;
}

function standings({ hosts }: Detail): string[] {
  return hosts.map(({ address, role, rack }) => `${address} ${role} ${rack}`);
}

describe("a tracker that is killed with -9", () => {
  it("has its transfers, swarms and standings again when it is started again", async () => {
    const release = torrent("app-1.0");
    const before = await start();
    await publish(before, release);
    for (const host of [ORIGIN, "127.0.1.1", "127.0.1.2", "127.0.1.3", "127.0.2.1"]) {
      await announce(before, release.infoHash, host, host === ORIGIN ? 0 : PAYLOAD);
    }
    const known = await detail(before, release.infoHash);
    expect(standings(known)).toEqual([
      "127.0.9.1 origin origins",
      "127.0.1.1 representative rack1",
      "127.0.1.2 representative rack1",
      "127.0.1.3 member rack1",
      "127.0.2.1 representative rack2",
    ]);
    await delay(SNAPSHOTS_MS);
    await end(before.child, "SIGKILL");

    const after = await start();
    const found = await detail(after, release.infoHash);
    expect(found).toMatchObject({ name: "app-1.0", state: "active", origins: [ORIGIN] });
    expect(standings(found)).toEqual(standings(known));
    // Had the standings been lost, whoever announces first would stand for the rack.
    const late = await announce(after, release.infoHash, "127.0.1.4");
    expect(late.failure).toBeUndefined();
    expect(late.hosts.filter((host) => !host.startsWith("127.0.1."))).toEqual([]);
    expect(standings(await detail(after, release.infoHash))).toEqual([...standings(known), "127.0.1.4 member rack1"]);
    await announce(after, release.infoHash, "127.0.1.1");
    expect(standings(await detail(after, release.infoHash))).toEqual([...standings(known), "127.0.1.4 member rack1"]);
  });
});

describe("a tracker that is asked to stop", () => {
  it("ends cleanly within a moment though clients keep connections open, and forgets nothing", async () => {
    const release = torrent("app-1.0");
    const before = await start(["--snapshot-every", "3600"]);
    await publish(before, release);
    await announce(before, release.infoHash, "127.0.1.1");
    const idle = connect(before.port, "127.0.0.1");
    await once(idle, "connect");
    idle.on("error", () => {});
    const asked = performance.now();
    before.child.kill("SIGTERM");
    const { code, stderr } = await before.ended;
    expect(code).toBe(0);
    expect(performance.now() - asked).toBeLessThan(5000);
    expect(stderr).not.toContain("ExperimentalWarning");
    idle.destroy();
    const after = await start();
    expect(standings(await detail(after, release.infoHash))).toEqual(["127.0.1.1 representative rack1"]);
  });

  it("takes nobody new, ends the request under way with its answer, and has what that changed", async () => {
    const tracker = await start();
    const release = torrent("app-1.0");
    const request = await halfUpload(tracker, release.bytes);
    tracker.child.kill("SIGTERM");
    await expect.poll(async () => refusesConnections(tracker.port), { interval: 20 }).toBe(true);
    request.write(release.bytes.subarray(1));
    expect(await text(request)).toMatch(/^HTTP\/1\.1 201 /);
    expect((await tracker.ended).code).toBe(0);
    const after = await start();
    expect(await detail(after, release.infoHash)).toMatchObject({ name: "app-1.0", state: "registered" });
  });

  it("waits no longer than about a second for a request that does not end", async () => {
    const tracker = await start();
    const request = await halfUpload(tracker, torrent("app-1.0").bytes);
    const asked = performance.now();
    tracker.child.kill("SIGTERM");
    expect((await tracker.ended).code).toBe(0);
    expect(performance.now() - asked).toBeLessThan(4000);
    request.destroy();
  });

  it("ends at once when it is asked twice", async () => {
    const tracker = await start();
    const request = await halfUpload(tracker, torrent("app-1.0").bytes);
    tracker.child.kill("SIGTERM");
    await expect.poll(async () => refusesConnections(tracker.port), { interval: 20 }).toBe(true);
    const askedAgain = performance.now();
    tracker.child.kill("SIGTERM");
    expect((await tracker.ended).code).toBe(1);
    expect(performance.now() - askedAgain).toBeLessThan(500);
    request.destroy();
  });

  it("reads the topology file again on SIGHUP", async () => {
    const tracker = await start();
    const place = async () =>
      ((await (await fetch(`${tracker.url}/topology/127.0.7.1`)).json()) as { path: string[] | null }).path;
    expect(await place()).toBeNull();
    writeFileSync(join(folder, "racks"), "127.0.7.0/24 rack7\n");
    tracker.child.kill("SIGHUP");
    await expect.poll(place).toEqual(["rack7"]);
  });

  it("reads every file of the chain again on SIGHUP, and nothing stale remains", async () => {
    writeFileSync(join(folder, "more"), "127.0.7.0/24 rack7\n127.0.8.0/24 rack8\n");
    writeFileSync(
      join(folder, "rackcast.yaml"),
      "RESOLVERS:\n  - type: file\n    file: more\n  - { type: subnet, prefixes: { 127.0.0.0/8: rest } }\n",
    );
    const tracker = await start(["--config", "rackcast.yaml"]);
    const placed = async (address: string) => {
      const { path, resolver } = (await (await fetch(`${tracker.url}/topology/${address}`)).json()) as Placement;
      return `${path?.join("/")} by ${resolver}`;
    };
    const all = () => Promise.all(["127.0.1.1", "127.0.7.1", "127.0.8.1", "127.0.9.9"].map(placed));
    expect(await all()).toEqual(["rack1 by file", "rack7 by file-2", "rack8 by file-2", "origins by file"]);
    writeFileSync(join(folder, "racks"), "127.0.1.0/24 rack11\n");
    writeFileSync(join(folder, "more"), "127.0.7.0/24 rack77\n");
    tracker.child.kill("SIGHUP");
    await expect.poll(all).toEqual(["rack11 by file", "rack77 by file-2", "rest by subnet", "rest by subnet"]);
  });
});

describe("the example of three levels", () => {
  it("places hosts by its exceptions and its address plan, and swarms form within racks, rows and datacenters", async () => {
    copyFileSync(join(EXAMPLES, "exceptions.csv"), join(folder, "exceptions.csv"));
    const example = readFileSync(join(EXAMPLES, "three-levels.yaml"), "utf8");
    const plan = example.replaceAll("10.1.", "127.1.").replaceAll("10.2.", "127.2.");
    writeFileSync(join(folder, "three-levels.yaml"), plan.replace("/etc/rackcast/", `${folder}/`));
    const tracker = await start(["--config", "three-levels.yaml", "--topology-file", ""]);
    const placed = async (address: string) => {
      const { path, resolver } = (await (await fetch(`${tracker.url}/topology/${address}`)).json()) as Placement;
      return `${path?.join("/")} by ${resolver}`;
    };
    expect(await placed("10.1.11.250")).toBe("ams1/row2/rack1 by exceptions");
    expect(await placed("2001:db8:1:11::7")).toBe("ams1/row1/rack1 by plan");
    expect(await placed("127.2.99.1")).toBe("fra1/other/other by plan");
    const release = torrent("app-1.0");
    await publish(tracker, release);
    for (const host of ["127.1.11.1", "127.1.11.2", "127.1.11.3", "127.1.12.1", "127.1.21.1", "127.2.11.1"])
      expect((await announce(tracker, release.infoHash, host)).failure).toBeUndefined();
    const { hosts } = await detail(tracker, release.infoHash);
    expect(hosts.map(({ address, role, rack }) => `${address} ${role} ${rack}`)).toEqual([
      "127.1.11.1 representative ams1/row1/rack1",
      "127.1.11.2 representative ams1/row1/rack1",
      "127.1.11.3 member ams1/row1/rack1",
      "127.1.12.1 representative ams1/row1/rack2",
      "127.1.21.1 representative ams1/row2/rack1",
      "127.2.11.1 representative fra1/row1/rack1",
    ]);
  });
});

it("looks up the targets of a transfer when that is activated, before any announces", async () => {
  const release = torrent("app-1.0");
  const tracker = await start();
  await publish(tracker, release);
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ targets: ["127.0.1.1", "127.0.1.2", "127.0.77.1"] });
  const url = `${tracker.url}/transfers/${release.infoHash}/activate`;
  expect((await fetch(url, { method: "POST", headers, body })).status).toBe(200);
  const printed = async () => (await fetch(`${tracker.url}/metrics`)).text();
  await expect.poll(printed).toMatch(/^rackcast_topology_lookups_total\{resolver="file",result="unknown"\} 1$/m);
  // The origin, at both activations, and two targets.
  expect(await printed()).toMatch(/^rackcast_topology_lookups_total\{resolver="file",result="known"\} 4$/m);
});

interface Placement {
  readonly path: readonly string[] | null;
  readonly resolver: string | null;
}

describe("the metrics", () => {
  it("count what resolvers said and what came in malformed, and name no host", async () => {
    const release = torrent("app-1.0");
    const tracker = await start();
    await publish(tracker, release);
    await announce(tracker, release.infoHash, "127.0.1.1");
    await announce(tracker, release.infoHash, "127.0.77.1");
    const response = await fetch(`${tracker.url}/metrics`);
    expect(response.headers.get("content-type")).toMatch(/^text\/plain; version=/);
    const printed = await response.text();
    expect(printed).toMatch(/^rackcast_topology_lookups_total\{resolver="file",result="unknown"\} 1$/m);
    expect(printed).toMatch(/^rackcast_topology_lookups_total\{resolver="file",result="known"\} [1-9]/m);
    expect(printed).toMatch(/^process_cpu_seconds_total /m);
    expect(printed).not.toMatch(/127\.0\.|[0-9a-f]{40}/);
  });

  it("are for who may make control calls", async () => {
    const tracker = await start(["--api-token", "s3cret"]);
    const read = async (headers: Record<string, string>) => (await fetch(`${tracker.url}/metrics`, { headers })).status;
    expect(await read({})).toBe(401);
    expect(await read({ authorization: "Bearer s3cret" })).toBe(200);
  });
});

describe("the ban file", () => {
  it("turns hosts away from the start, is read again on SIGHUP, and a faulty one changes nothing", async () => {
    const release = torrent("app-1.0");
    writeFileSync(join(folder, "bans"), "cidr 127.0.1.0/24 moved\n");
    const tracker = await start(["--ban-file", "bans"]);
    await publish(tracker, release);
    const failures = async () => (await announceAs(tracker, release.infoHash, "127.0.1.1", "-lt0D80-")).failure;
    expect(await failures()).toBe("banned: moved");
    writeFileSync(join(folder, "bans"), "cidr 127.0.2.1/24 moved\n");
    tracker.child.kill("SIGHUP");
    await delay(500);
    expect(await failures()).toBe("banned: moved");
    writeFileSync(join(folder, "bans"), "client -lt0D old\n");
    tracker.child.kill("SIGHUP");
    await expect.poll(failures).toBe("banned: old");
    tracker.child.kill("SIGTERM");
    const refused = (await tracker.ended).stderr.split("\n").find((line) => line.includes("ban file refused"));
    expect(refused).toMatch(/bans:1: .*write 127\.0\.2\.0\/24/);
  });
});

describe("a fleet that announces at once", () => {
  it("never gets more of a rack's hosts into the swarm beyond it than the cap", async () => {
    const release = torrent("app-1.0");
    const tracker = await start();
    await publish(tracker, release);
    await announce(tracker, release.infoHash, ORIGIN, 0);
    const hosts = Array.from({ length: 200 }, (_, index) => `127.0.1.${index + 1}`);
    const handedOutside = new Set<string>();
    for (let round = 0; round < 3; round++) {
      const told = await Promise.all(hosts.map((host) => announce(tracker, release.infoHash, host)));
      for (const [index, { hosts: handed, failure }] of told.entries()) {
        expect(failure).toBeUndefined();
        if (handed.some((host) => !host.startsWith("127.0.1."))) handedOutside.add(hosts[index] ?? "");
      }
      const { racks } = await detail(tracker, release.infoHash);
      expect(racks.find(({ rack }) => rack === "rack1")).toMatchObject({ hosts: 200, representatives: CAP });
    }
    expect(handedOutside.size).toBeGreaterThan(0);
    expect(handedOutside.size).toBeLessThanOrEqual(CAP);
  });
});

it("prints its settings, which it can be started with, and does nothing else", async () => {
  const env = { API_TOKEN: "s3cret", ALLOW_CIDRS: "10.0.0.0/8,fd00::/8" };
  const printed = await run([...PLACE, "--print-config"], env).ended;
  expect(printed).toMatchObject({ code: 0, stderr: "", stdout: expect.stringMatching(/^DATA_DIR: data$/m) });
  expect(printed.stdout).not.toContain("s3cret");
  expect(existsSync(join(folder, "data"))).toBe(false);
  writeFileSync(join(folder, "rackcast.yaml"), printed.stdout);
  const again = await run(["--config", "rackcast.yaml", "--print-config"], { API_TOKEN: "s3cret" }).ended;
  expect(again).toEqual(printed);
});

describe("a tracker that cannot start", () => {
  async function refusal(args: readonly string[], env?: Record<string, string>): Promise<Ended> {
    const ended = await run(args, env).ended;
    expect(ended.stdout).toBe("");
    expect(ended.stderr).not.toContain("    at ");
    return ended;
  }

  it("lists every fault of its settings and exits with 2", async () => {
    const { code, stderr } = await refusal(["--colour", "red", "--port", "high"], { MAX_REPR_RACK: "0", OTHER: "x" });
    expect(code).toBe(2);
    expect(stderr.trim().split("\n").slice(1)).toEqual([
      "  --colour: is no setting of the tracker; remove it",
      '  MAX_REPR_RACK: got "0"; takes a whole number from 1 to 1000',
      '  --port: got "high"; takes a whole number from 0 to 65535',
    ]);
  });

  it("names the port that is taken", async () => {
    const { port } = await start();
    const { code, stderr } = await refusal([
      ...PLACE,
      "--port",
      `${port}`,
      "--data-dir",
      "other",
      "--topology-file",
      "racks",
    ]);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `port ${port} is taken on 127.0.0.1; stop the program that has it, or choose another by --port\n`,
    });
  });

  it("names who has the data folder, until that one is dead", async () => {
    const first = await start();
    const { code, stderr } = await refusal(PLACE);
    expect(code).toBe(1);
    expect(stderr).toBe(
      `${join(folder, "data")} is in use by the tracker with pid ${first.child.pid}; stop that tracker, or give this one a folder of its own by --data-dir\n`,
    );
    await end(first.child, "SIGKILL");
    await start();
  });

  it("names the data folder it cannot use, and the topology file it cannot read", async () => {
    const unusable = await refusal([...PLACE, "--data-dir", "racks/data"]);
    expect([unusable.code, unusable.stderr]).toEqual([
      1,
      expect.stringMatching(/^the data folder \S+ cannot be used .*--data-dir\n$/),
    ]);
    const unreadable = await refusal([...PLACE, "--topology-file", "gone"]);
    expect([unreadable.code, unreadable.stderr]).toEqual([1, expect.stringMatching(/^cannot read gone: .*\n$/)]);
    const resolvers = "[{type: file, file: gone}, {type: subnet, prefixes: {10.0.0.1/8: rack1}}]";
    const several = await refusal([...PLACE, "--resolvers", resolvers]);
    expect([several.code, several.stderr.trim().split("\n")]).toEqual([
      1,
      [
        "the resolvers file, subnet are refused; correct the settings listed:",
        expect.stringMatching(/^ {2}RESOLVERS\[0\]: "file": cannot read gone: /),
        expect.stringMatching(/^ {2}RESOLVERS\[1\]\.prefixes: "10\.0\.0\.1\/8": has bits set beyond its length 8; /),
      ],
    ]);
    writeFileSync(join(folder, "bans"), "cidr 10.0.0.1/8\nwhat\n");
    const faulty = await refusal([...PLACE, "--ban-file", "bans"]);
    expect([faulty.code, faulty.stderr]).toEqual([
      1,
      expect.stringMatching(/^bans has 2 faults; .*\n {2}bans:1: .*\n {2}bans:2: .*\n$/),
    ]);
  });
});

it("logs every announce with DEBUG, and none without", async () => {
  const release = torrent("app-1.0");
  for (const [flags, lines] of [
    [["--debug"], 1],
    [[], 0],
  ] as const) {
    const tracker = await start(flags, [...PLACE, "--data-dir", `data-${lines}`]);
    await publish(tracker, release);
    await announce(tracker, release.infoHash, "127.0.1.1");
    tracker.child.kill("SIGTERM");
    const logged = (await tracker.ended).stderr
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ msg }) => msg === "announce");
    expect(logged).toHaveLength(lines);
    if (lines > 0)
      expect(logged[0]).toMatchObject({ address: "127.0.1.1", event: "started", left: PAYLOAD, handed: [] });
  }
});
