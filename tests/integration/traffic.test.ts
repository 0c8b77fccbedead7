// What clients moved, counted by a tracker that is killed meanwhile: the API, the command and the metrics say what the clients' counters say.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import type { Traffic } from "../../deployer-cli/src/api/resources.ts";
import { startRedis } from "../support/redis-server.ts";
import { startTrackerCommand, type TrackerCommand } from "../support/tracker-command.ts";
import { runCommand } from "./cli-process.ts";
import { PAYLOAD, torrent } from "./control-api-world.ts";

const RESOLVERS = "[{type: subnet, prefixes: {10.77.1.0/24: ams1/rack1, 10.77.2.0/24: ams1/rack2}}]";
const APP = torrent("app-1.0");

/** It is a second, on a machine that has nothing else to do. */
const RECORDED_WITHIN_MS = 10_000;

interface Client {
  readonly rack: string;
  readonly host: string;
  left: number;
  uploaded: number;
  downloaded: number;
}

const newClients = (): readonly Client[] =>
  ["1.1", "1.2", "1.3", "2.1", "2.2"].map((place) => ({
    rack: `ams1/rack${place[0]}`,
    host: `10.77.${place}`,
    left: PAYLOAD,
    uploaded: 0,
    downloaded: 0,
  }));

let clients: readonly Client[];
beforeEach(() => {
  clients = newClients();
});

let folder: string;
const running: TrackerCommand[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rackcast-traffic-"));
});
afterAll(async () => {
  await Promise.all(running.map((tracker) => tracker.end("SIGKILL")));
  await rm(folder, { recursive: true });
});

async function start(environment: Readonly<Record<string, string>> = {}): Promise<TrackerCommand> {
  const args = ["--data-dir", join(folder, "data"), "--levels", "dc,rack", "--resolvers", RESOLVERS, "--proxypass"];
  const tracker = await startTrackerCommand(args, { ACCOUNTING: "true", ...environment });
  running.push(tracker);
  return tracker;
}

async function publish({ url }: TrackerCommand): Promise<void> {
  const type = (name: string) => ({ "content-type": name });
  const body = new Uint8Array(APP.bytes);
  await fetch(`${url}/transfers`, { method: "POST", headers: type("application/x-bittorrent"), body });
  const activation = { method: "POST", headers: type("application/json"), body: "{}" };
  expect((await fetch(`${url}/transfers/${APP.infoHash}/activate`, activation)).status).toBe(200);
}

async function announceAll({ url }: TrackerCommand, event?: string): Promise<void> {
  const hash = APP.infoHash.replace(/../g, "%$&");
  for (const { host, uploaded, downloaded, left } of clients) {
    const id = `info_hash=${hash}&peer_id=-LT2080-${host.padEnd(12, "-")}&port=6881`;
    const counters = `uploaded=${uploaded}&downloaded=${downloaded}&left=${left}`;
    const query = `${id}&${counters}&compact=1${event === undefined ? "" : `&event=${event}`}`;
    const response = await fetch(`${url}/announce?${query}`, { headers: { "x-forwarded-for": host } });
    expect(await response.text()).not.toContain("failure reason");
  }
}

/** Each by another odd number, so that no sum comes right by chance. */
function moveOn(step: number): void {
  for (const [index, client] of clients.entries()) {
    client.downloaded += 1_000_003 * step + 7 ** (index + 1);
    client.uploaded += 999_983 * step * index;
    client.left = Math.max(0, client.left - PAYLOAD / 4);
  }
}

type Amounts = Readonly<Record<string, readonly [up: number, down: number]>>;

function counters(nameOf: (client: Client) => string): Amounts {
  const sums: Record<string, readonly [number, number]> = {};
  for (const client of clients) {
    const [up, down] = sums[nameOf(client)] ?? [0, 0];
    sums[nameOf(client)] = [up + client.uploaded, down + client.downloaded];
  }
  return sums;
}

const inAll = () => counters(() => "all");
const byRack = () => counters(({ rack }) => rack);
const byUser = () => counters(({ host }) => host);

async function readTraffic({ url }: TrackerCommand, query = ""): Promise<Traffic> {
  return (await fetch(`${url}/transfers/${APP.infoHash}/traffic${query}`)).json() as Promise<Traffic>;
}

function amountsOf({ racks, users, ...all }: Traffic): { all: Amounts; racks: Amounts; users: Amounts } {
  const pair = ({ uploadedBytes, downloadedBytes }: Omit<Traffic, "racks" | "users">) =>
    [uploadedBytes, downloadedBytes] as const;
  return {
    all: { all: pair(all) },
    racks: Object.fromEntries(racks.map((rack) => [rack.rack, pair(rack)])),
    users: Object.fromEntries(users.map((user) => [user.user, pair(user)])),
  };
}

async function readMetrics({ url }: TrackerCommand): Promise<Amounts> {
  const printed = await (await fetch(`${url}/metrics`)).text();
  expect(printed).not.toMatch(/rackcast_traffic.*(10\.77\.|[0-9a-f]{40})/);
  const lines = printed.matchAll(/^rackcast_traffic_bytes_total\{rack="(.+)",direction="(up|down)"\} (\d+)$/gm);
  const racks: Record<string, [number, number]> = {};
  for (const [, rack = "", direction, bytes] of lines)
    (racks[rack] ??= [0, 0])[direction === "up" ? 0 : 1] = Number(bytes);
  return racks;
}

function difference(all: Amounts, before: Amounts): Amounts {
  const minus = (rack: string, way: 0 | 1) => all[rack]![way] - before[rack]![way];
  return Object.fromEntries(Object.keys(all).map((rack) => [rack, [minus(rack, 0), minus(rack, 1)] as const]));
}

it("is what the clients' counters say, though the tracker was killed, by API, command and metrics", async () => {
  const first = await start();
  await publish(first);
  await announceAll(first, "started");
  for (const step of [1, 2]) {
    moveOn(step);
    await announceAll(first);
  }
  const usersOfFirst = async () => amountsOf(await readTraffic(first)).users;
  await expect.poll(usersOfFirst, { timeout: RECORDED_WITHIN_MS }).toEqual(byUser());
  expect(await readMetrics(first)).toEqual(byRack());
  // Of these announces some, or all, are not in the ledger yet.
  moveOn(3);
  await announceAll(first);
  await first.end("SIGKILL");

  const second = await start();
  const atStart = amountsOf(await readTraffic(second)).racks;
  moveOn(4);
  await announceAll(second);
  moveOn(5);
  await announceAll(second, "stopped");
  const traffic = await readTraffic(second);
  expect(amountsOf(traffic)).toEqual({ all: inAll(), racks: byRack(), users: byUser() });
  expect((await readTraffic(second, "?rack=ams1/rack2")).users).toEqual(traffic.users.slice(-2));
  expect(await readMetrics(second)).toEqual(difference(byRack(), atStart));

  const rackcast = async (...args: string[]) => {
    const status = ["status", "app-1.0", "--traffic", ...args];
    return (await runCommand(status, { env: { RACKCAST_TRACKER: second.url } })).stdout;
  };
  const [json, tables] = await Promise.all([rackcast("--json"), rackcast("--hosts")]);
  expect(JSON.parse(json)).toMatchObject({ name: "app-1.0", traffic });
  expect(tables).toMatch(/^traffic .* downloaded, .* uploaded[^]*^ams1\/rack2 +2 [^]*^10\.77\.2\.2 +ams1\/rack2 /m);
});

it("is counted once by trackers that share a Redis, whichever a client announces to, though one of them is killed", async () => {
  const redis = await startRedis();
  try {
    const shared = { STORE: "redis", REDIS_URL: redis.url };
    const [first, second] = await Promise.all([start(shared), start(shared)]);
    await publish(first);
    await announceAll(first, "started");
    moveOn(1);
    await announceAll(second);
    await announceAll(first);
    moveOn(2);
    await announceAll(first);
    await first.end("SIGKILL");
    moveOn(3);
    await announceAll(second, "stopped");
    const recorded = async () => amountsOf(await readTraffic(second));
    const expected = { all: inAll(), racks: byRack(), users: byUser() };
    await expect.poll(recorded, { timeout: RECORDED_WITHIN_MS }).toEqual(expected);
  } finally {
    await redis.close();
  }
});
