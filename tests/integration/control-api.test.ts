import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Transfer } from "../../tracker/src/registry/transfer-registry.ts";
import { type Answer, NOW, PAYLOAD, startWorld, torrent, type World } from "./control-api-world.ts";

const APP = torrent("app");
const ISO_NOW = new Date(NOW).toISOString();
const ORIGIN = "10.0.1.9";

let world: World;
let activated: Transfer[];
beforeEach(() => {
  activated = [];
  world = startWorld({ onActivated: (transfer) => void activated.push(transfer) });
});
afterEach(() => world.close());

const at = (rest = "") => `/transfers/${APP.infoHash}${rest}`;
const get = (url: string) => world.call("GET", url);
const post = (url: string, body?: unknown) => world.call("POST", url, { body });

async function publishActive(lists: object = {}): Promise<void> {
  await world.publish(APP);
  expect((await post(at("/activate"), lists)).status).toBe(200);
}

function expectProblem(answer: Answer, status: number, code: string, detail: RegExp): void {
  expect(answer.json).toEqual({
    type: `urn:rackcast:problem:${code}`,
    title: expect.any(String),
    status,
    detail: expect.stringMatching(detail),
    code,
  });
  expect([answer.status, answer.type]).toEqual([status, "application/problem+json"]);
}

describe("publishing", () => {
  it("answers 201 with the transfer the first time and 200 after that", async () => {
    const first = await world.publish(APP);
    expect(first.status).toBe(201);
    expect(first.json).toEqual({
      infoHash: APP.infoHash,
      name: "app",
      series: "app",
      lengthBytes: PAYLOAD,
      pieceLengthBytes: 16384,
      fileCount: 1,
      state: "registered",
      origins: [],
      targets: [],
      registeredAt: ISO_NOW,
      activatedAt: null,
      deactivatedAt: null,
      firstStartedAt: null,
      lastStartedAt: null,
      firstCompletedAt: null,
      lastCompletedAt: null,
      seeders: 0,
      leechers: 0,
      completions: 0,
      progress: 0,
    });
    const second = await world.publish(APP);
    expect([second.status, second.json]).toEqual([200, first.json]);
  });

  it("gives the torrent back byte for byte, by an info-hash in either case", async () => {
    await world.publish(APP);
    const answer = await get(`/transfers/${APP.infoHash.toUpperCase()}/torrent`);
    expect([answer.status, answer.type]).toEqual([200, "application/x-bittorrent"]);
    expect(answer.raw).toEqual(APP.bytes);
  });

  it("refuses what is no torrent, a public one and a name that is taken", async () => {
    const send = (body: Buffer) => world.publish({ ...APP, bytes: body });
    expectProblem(await send(Buffer.from("hello")), 400, "TORRENT_MALFORMED", /rackcast build/);
    expectProblem(await send(Buffer.alloc(0)), 400, "TORRENT_MALFORMED", /./);
    expectProblem(await send(torrent("app", 1, 0).bytes), 400, "TORRENT_NOT_PRIVATE", /private/);
    await world.publish(APP);
    expectProblem(await world.publish(torrent("app", 2)), 409, "NAME_TAKEN", new RegExp(`"app".*${APP.infoHash}`));
    expect((await get("/transfers")).json).toMatchObject({ transfers: [{ infoHash: APP.infoHash }] });
  });

  it("refuses a body of another type, none, and one above 64 MiB, with the remedy", async () => {
    expectProblem(await post("/transfers", {}), 415, "BODY_TYPE_UNSUPPORTED", /application\/json.*x-bittorrent/);
    expectProblem(
      await world.publish(APP, { type: "text/plain" }),
      415,
      "BODY_TYPE_UNSUPPORTED",
      /text\/plain; send application\/x-bittorrent/,
    );
    expectProblem(await post("/transfers"), 415, "BODY_TYPE_UNSUPPORTED", /x-bittorrent/);
    const large = { ...APP, bytes: Buffer.alloc(64 * 2 ** 20 + 1) };
    expectProblem(await world.publish(large), 413, "BODY_TOO_LARGE", /64 MiB.*piece-length.*fewer files/);
  });

  it("takes torrents far above what JSON bodies may be", async () => {
    const answer = await world.publish({ ...APP, bytes: Buffer.alloc(40 * 2 ** 20, "x") });
    expectProblem(answer, 400, "TORRENT_MALFORMED", /corrupt/);
  });
});

describe("a transfer's state", () => {
  it("becomes active with canonical lists, each address once; a list left out stays", async () => {
    await world.publish(APP);
    const targets = ["10.0.1.1", "::ffff:10.0.1.1", "2001:DB8:0::5"];
    const active = await post(at("/activate"), { origins: [ORIGIN], targets });
    expect(active.json).toMatchObject({
      state: "active",
      origins: [ORIGIN],
      targets: ["10.0.1.1", "2001:db8::5"],
      activatedAt: ISO_NOW,
    });
    expect(activated).toMatchObject([{ infoHash: APP.infoHash, targets: ["10.0.1.1", "2001:db8::5"] }]);
    expect((await post(at("/activate"), { targets: [] })).json).toMatchObject({ origins: [ORIGIN], targets: [] });
    expect((await post(at("/activate"))).json).toMatchObject({ state: "active", origins: [ORIGIN] });
  });

  it("stays as it is when an address is none; the answer names it and its place", async () => {
    await world.publish(APP);
    const answer = await post(at("/activate"), { targets: ["10.0.1.1", "10.0.1.300"] });
    expectProblem(answer, 400, "ADDRESS_MALFORMED", /targets\[1\].*"10\.0\.1\.300".*IPv4/);
    expect(world.parts.registry.lookup(APP.infoHash)?.state).toBe("registered");
  });

  it.each([
    [{ origin: ["10.0.1.1"] }, /body.*"origin"/],
    [{ origins: "10.0.1.1" }, /body\.origins must be array/],
    [{ targets: [1] }, /body\.targets\.0 must be string/],
    [[], /body must be object/],
  ])("is not changed by a body such as %j, whose field is named", async (body, detail) => {
    await world.publish(APP);
    expectProblem(await post(at("/activate"), body), 400, "REQUEST_INVALID", detail);
    expect(world.parts.registry.lookup(APP.infoHash)?.state).toBe("registered");
  });

  it("is not changed by a body that is no JSON", async () => {
    await world.publish(APP);
    const answer = await world.call("POST", at("/activate"), { body: "{", type: "application/json" });
    expectProblem(answer, 400, "REQUEST_INVALID", /JSON/);
  });

  it("becomes inactive once, drops the swarm and frees the name", async () => {
    await publishActive();
    await world.announce(APP, "10.0.1.1", 100);
    expect((await post(at("/deactivate"))).json).toMatchObject({ state: "inactive", leechers: 0 });
    expect(await world.parts.store.inspect(APP.infoHash, NOW)).toEqual([]);
    expect((await post(at("/deactivate"))).status).toBe(200);
    expect((await world.publish(torrent("app", 2))).status).toBe(201);
    expectProblem(await post(at("/activate")), 409, "NAME_TAKEN", /deactivate/);
  });

  it("is filtered by in the list; another state is refused with those there are", async () => {
    await publishActive();
    await world.publish(torrent("other"));
    expect((await get("/transfers?state=active")).json).toMatchObject({ transfers: [{ name: "app" }] });
    expect((await get("/transfers")).json).toMatchObject({ transfers: [{ name: "app" }, { name: "other" }] });
    expectProblem(
      await get("/transfers?state=done"),
      400,
      "REQUEST_INVALID",
      /querystring\.state must be one of registered, active, inactive/,
    );
    expectProblem(await get("/transfers?stat=active"), 400, "REQUEST_INVALID", /"stat"/);
  });

  it("is written to the audit log once for every change, and not when nothing changes", async () => {
    await world.publish(APP);
    await world.publish(APP);
    for (const _ of [1, 2]) await post(at("/activate"), { targets: ["10.0.1.1"] });
    for (const _ of [1, 2]) await post(at("/deactivate"));
    await world.publish(APP);
    const lines = world.logged.map(({ level, details }) => [
      level,
      details["audit"],
      details["before"],
      details["after"],
    ]);
    expect(lines).toEqual([
      ["info", "register", null, "registered"],
      ["info", "activate", "registered", "active"],
      ["info", "deactivate", "active", "inactive"],
      ["info", "register", "inactive", "registered"],
    ]);
    expect(world.logged[1]?.details).toMatchObject({ infoHash: APP.infoHash, client: "127.0.0.1", targetCount: 1 });
  });
});

describe("what cannot be found", () => {
  it.each([
    ["GET", "", "TRANSFER_UNKNOWN"],
    ["GET", "/torrent", "TRANSFER_UNKNOWN"],
    ["GET", "/peers", "TRANSFER_UNKNOWN"],
    ["GET", "/racks", "TRANSFER_UNKNOWN"],
    ["GET", "/explain/10.0.1.1", "TRANSFER_UNKNOWN"],
    ["POST", "/activate", "TRANSFER_UNKNOWN"],
    ["POST", "/deactivate", "TRANSFER_UNKNOWN"],
  ] as const)("%s of an unknown transfer%s is 404", async (method, rest, code) => {
    expectProblem(await world.call(method, at(rest)), 404, code, new RegExp(`${APP.infoHash}.*publish`));
    const malformed = await world.call(method, `/transfers/${"g".repeat(40)}${rest}`);
    expectProblem(malformed, 400, "INFO_HASH_MALFORMED", /40 hex digits/);
  });

  it("an unknown route or method is 404 and says where all routes are listed", async () => {
    expectProblem(await get("/nothing?x=1"), 404, "ROUTE_UNKNOWN", /GET \/nothing here.*openapi\.json/);
    expectProblem(await world.call("DELETE", at()), 404, "ROUTE_UNKNOWN", /DELETE/);
    expectProblem(await get("/transfers/%zz"), 404, "ROUTE_UNKNOWN", /./);
  });
});

describe("a swarm", () => {
  it("is told by host, rack and progress, origins apart", async () => {
    await publishActive({ origins: [ORIGIN] });
    await world.announce(APP, ORIGIN, 0, { path: ["rack1"] });
    await world.announce(APP, "10.0.1.1", PAYLOAD / 2, { event: "started" });
    await world.announce(APP, "10.0.2.1", PAYLOAD / 4, { event: "started" });
    await world.announce(APP, "10.0.2.2", 0, { event: "started" });
    await world.announce(APP, "10.0.2.3", 0, { event: "started" });
    const { json } = await get(at());
    expect(json).toMatchObject({ seeders: 3, leechers: 2, missingHosts: [] });
    expect(json).toHaveProperty("progress", (0.5 + 0.75 + 1 + 1) / 4);
    expect(json).toHaveProperty("racks", [
      { rack: "rack1", path: ["rack1"], hosts: 2, representatives: 1, seeders: 1, progress: 0.5 },
      { rack: "rack2", path: ["rack2"], hosts: 3, representatives: 2, seeders: 2, progress: 2.75 / 3 },
    ]);
    expect((json as { hosts: object[] }).hosts[0]).toMatchObject({
      address: ORIGIN,
      role: "origin",
      rack: "rack1",
      progress: 1,
      left: 0,
      seeder: true,
    });
    expect((json as { hosts: object[] }).hosts[1]).toEqual({
      address: "10.0.1.1",
      rack: "rack1",
      path: ["rack1"],
      client: expect.any(String),
      role: "representative",
      representedLevels: 1,
      active: expect.any(Boolean),
      seeder: false,
      left: PAYLOAD / 2,
      downloaded: PAYLOAD / 2,
      uploaded: 0,
      downloadRate: 0,
      progress: 0.5,
      firstSeenAt: ISO_NOW,
      lastSeenAt: ISO_NOW,
      completedAt: null,
      peerId: Buffer.from("-LT2080-10.0.1.1----").toString("hex"),
    });
    expect((await get(at("/racks"))).json).toEqual({ racks: (json as { racks: object[] }).racks });
  });

  it("counts progress over the targets, absent ones as nothing and others not at all", async () => {
    await publishActive({ origins: [ORIGIN], targets: ["10.0.1.1", "10.0.1.2", "10.0.1.3", "10.0.1.4"] });
    await world.announce(APP, "10.0.1.1", 0);
    await world.announce(APP, "10.0.1.2", PAYLOAD / 2);
    await world.announce(APP, "10.0.1.3", 1);
    await world.announce(APP, "10.0.2.1", 0);
    const { json } = await get(at());
    expect((json as { progress: number }).progress).toBeCloseTo(2.5 / 4, 4);
    expect(json).toHaveProperty("missingHosts", ["10.0.1.2", "10.0.1.3", "10.0.1.4"]);
  });

  it("never counts a client that says more is left than there is below nothing", async () => {
    await publishActive();
    await world.announce(APP, "10.0.1.1", PAYLOAD * 3);
    expect((await get(at())).json).toMatchObject({ progress: 0, hosts: [{ progress: 0 }] });
  });

  it("lists peers by role, by completeness and by rack", async () => {
    await publishActive({ origins: [ORIGIN] });
    await world.announce(APP, ORIGIN, 0, { path: ["rack1"] });
    for (const last of [1, 2, 3]) await world.announce(APP, `10.0.1.${last}`, last - 1);
    await world.announce(APP, "10.0.2.1", 5);
    const listed = async (query: string) =>
      ((await get(at(`/peers${query}`))).json as { peers: { address: string }[] }).peers.map(({ address }) => address);
    expect(await listed("")).toEqual([ORIGIN, "10.0.1.1", "10.0.1.2", "10.0.1.3", "10.0.2.1"]);
    expect(await listed("?role=origin")).toEqual([ORIGIN]);
    expect(await listed("?role=representative&rack=rack1")).toEqual(["10.0.1.1", "10.0.1.2"]);
    expect(await listed("?role=member")).toEqual(["10.0.1.3"]);
    expect(await listed("?role=seeder")).toEqual([ORIGIN, "10.0.1.1"]);
    expect(await listed("?role=leecher&rack=rack2")).toEqual(["10.0.2.1"]);
    expectProblem(await get(at("/peers?role=king")), 400, "REQUEST_INVALID", /role must be one of origin/);
  });

  it("explains why the peers on a host get what they get", async () => {
    await publishActive({ origins: [ORIGIN] });
    await world.announce(APP, ORIGIN, 0, { path: ["rack1"] });
    await world.announce(APP, "10.0.1.1", 10);
    const { json } = await get(at("/explain/::ffff:10.0.1.1"));
    expect(json).toMatchObject({
      peers: [
        {
          peer: { address: "10.0.1.1", endpoints: ["10.0.1.1:6881"], firstSeenAt: ISO_NOW, completedAt: null },
          summary: expect.stringMatching(/incomplete/),
          candidates: [{ address: ORIGIN, role: "origin", reason: expect.stringMatching(/./) }],
        },
      ],
    });
    expect((await get(at("/explain/10.0.1.2"))).json).toEqual({ peers: [] });
    expectProblem(await get(at("/explain/rack1")), 400, "ADDRESS_MALFORMED", /"rack1"/);
  });
});

describe("an address", () => {
  it("is told the active transfers that it should have", async () => {
    await publishActive({ targets: ["10.0.1.1"] });
    const everybody = torrent("everybody");
    await world.publish(everybody);
    await post(`/transfers/${everybody.infoHash}/activate`);
    await world.publish(torrent("registered"));
    const names = async (address: string) =>
      ((await get(`/hosts/${address}/transfers`)).json as { transfers: { name: string }[] }).transfers.map(
        ({ name }) => name,
      );
    expect(await names("10.0.1.1")).toEqual(["app", "everybody"]);
    expect(await names("::ffff:10.0.1.1")).toEqual(["app", "everybody"]);
    expect(await names("10.0.1.2")).toEqual(["everybody"]);
  });

  it("is located with who said so, or put where the policy puts strangers", async () => {
    expect((await get("/topology/10.0.1.1")).json).toEqual({
      address: "10.0.1.1",
      path: ["rack1"],
      resolver: "subnet",
      outcome: "known",
      cached: false,
      ageSeconds: 0,
      error: null,
      group: ["rack1"],
    });
    const stranger = { address: "2001:db8::1", path: null, resolver: null, outcome: "unknown", group: ["unknown"] };
    expect((await get("/topology/2001:DB8::1")).json).toMatchObject(stranger);
  });

  it("is located by every resolver when all are asked for", async () => {
    expect((await get("/topology/10.0.1.1?all=true")).json).toMatchObject({
      resolver: "subnet",
      resolvers: [
        {
          resolver: "subnet",
          outcome: "known",
          path: ["rack1"],
          cached: false,
          ageSeconds: 0,
          error: null,
          breaker: null,
        },
      ],
    });
    expect((await get("/topology/10.0.1.1")).json).not.toHaveProperty("resolvers");
    expectProblem(await get("/topology/10.0.1.1?all=yes"), 400, "REQUEST_INVALID", /all/);
  });

  it.each([
    ["own" as const, ["192.0.2.1"]],
    ["refuse" as const, []],
  ])("in no known rack stands by UNKNOWN_RACK=%s in %j", async (unknownRack, group) => {
    const other = startWorld({ settings: { apiToken: undefined, unknownRack } });
    expect((await other.call("GET", "/topology/192.0.2.1")).json).toMatchObject({ group });
    await other.close();
  });
});

describe("a failure of the tracker's own", () => {
  it("is 500 without internals, and in the log with them", async () => {
    const fail = () => Promise.reject(new Error("secret of the database"));
    const broken = startWorld({ topology: { explain: fail, explainAll: fail } });
    const answer = await broken.call("GET", "/topology/10.0.1.1");
    expectProblem(answer, 500, "INTERNAL", /see its log/);
    expect(answer.raw.toString()).not.toContain("secret");
    expect(broken.logged).toMatchObject([{ level: "error", details: { err: { message: "secret of the database" } } }]);
    await broken.close();
  });
});
