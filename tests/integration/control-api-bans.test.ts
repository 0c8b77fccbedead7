import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createAnnounceService, type ServiceReply } from "../../tracker/src/service/announce-service.ts";
import { createTransferTerms } from "../../tracker/src/service/transfer-terms.ts";
import { compactEndpoint, type PeerId } from "../../tracker/src/swarm/identifiers.ts";
import { DEFAULT_POLICY } from "../../tracker/src/swarm/policy.ts";
import { findHostAddress, hostAddressText, parseHostAddress } from "../../tracker/src/wire/compact-address.ts";
import { NOW, startWorld, torrent, type World } from "./control-api-world.ts";

const APP = torrent("app");
const BAN = `/bans/${APP.infoHash}`;
const ISO_NOW = new Date(NOW).toISOString();
const RTORRENT = "-lt0D80-abcdefghijkl" as PeerId;
const RASTERBAR = "-LT2080-abcdefghijkl" as PeerId;

let world: World;
beforeEach(() => void (world = startWorld()));
afterEach(() => world.close());

const get = (url: string) => world.call("GET", url);
const ban = (reason: string, from?: string) => world.call("PUT", BAN, { body: { reason }, ...(from && { from }) });

async function activate(): Promise<void> {
  await world.publish(APP);
  await world.call("POST", `/transfers/${APP.infoHash}/activate`);
}

describe("a ban", () => {
  it("is made for any info-hash, told, listed and lifted", async () => {
    const made = { infoHash: APP.infoHash, reason: "corrupt build", bannedAt: ISO_NOW };
    expect(await ban("corrupt build")).toMatchObject({ status: 200, json: made });
    expect((await get(`/bans/${APP.infoHash.toUpperCase()}`)).json).toEqual(made);
    expect((await get("/bans")).json).toEqual({ bans: [made] });
    for (const _ of [1, 2]) expect(await world.call("DELETE", BAN)).toMatchObject({ status: 204 });
    expect((await get("/bans")).json).toEqual({ bans: [] });
    expect((await get(BAN)).json).toMatchObject({ status: 404, code: "BAN_UNKNOWN", detail: expect.any(String) });
  });

  it.each([
    [{}, /reason/],
    [{ reason: "" }, /body\.reason/],
    [{ reason: "x".repeat(201) }, /body\.reason/],
    [{ reason: "x", until: 1 }, /"until"/],
    [undefined, /body/],
  ])("is not made by a body such as %j, whose field is named", async (body, detail) => {
    const answer = await world.call("PUT", BAN, { body });
    expect(answer.json).toMatchObject({ status: 400, code: "REQUEST_INVALID", detail: expect.stringMatching(detail) });
    expect((await world.call("PUT", "/bans/xyz", { body: { reason: "x" } })).json).toMatchObject({
      status: 400,
      code: "INFO_HASH_MALFORMED",
    });
    expect(await world.parts.registry.bans.list()).toEqual([]);
  });

  it("turns the clients of an active transfer away with its reason until it is lifted, and leaves it out of scrapes", async () => {
    await activate();
    expect(await announce(RTORRENT)).toMatchObject({ kind: "peers", warning: undefined });
    await ban("corrupt build");
    expect(await announce(RTORRENT)).toEqual({ kind: "failure", reason: "banned: corrupt build" });
    expect(await announce(RASTERBAR)).toMatchObject({
      kind: "peers",
      handout: { size: 0 },
      intervalSeconds: expect.closeTo(1800, -3),
      warning: "banned: corrupt build",
    });
    expect((await service().scrape([APP.infoHash])).size).toBe(0);
    await world.call("DELETE", BAN);
    expect(await announce(RTORRENT)).toMatchObject({ kind: "peers", warning: undefined });
    expect((await service().scrape([APP.infoHash])).size).toBe(1);
  });

  it("takes the transfer from what hosts should have", async () => {
    await activate();
    await ban("corrupt build");
    expect((await get("/hosts/10.0.1.1/transfers")).json).toEqual({ transfers: [] });
  });
});

describe("the audit log", () => {
  it("has every change with the caller's address, newest first, and nothing of calls that changed nothing", async () => {
    await activate();
    await activate();
    for (const _ of [1, 2]) await ban("corrupt build", "127.0.0.7");
    await ban("worse");
    for (const _ of [1, 2]) await world.call("DELETE", BAN);
    await world.call("POST", `/transfers/${APP.infoHash}/deactivate`);
    const { entries } = (await get("/audit")).json as { entries: Record<string, unknown>[] };
    expect(entries.map(({ action, detail }) => [action, (detail as { reason?: string }).reason])).toEqual([
      ["deactivate", undefined],
      ["unban", "worse"],
      ["ban", "worse"],
      ["ban", "corrupt build"],
      ["activate", undefined],
      ["register", undefined],
    ]);
    expect(entries[3]).toEqual({
      at: ISO_NOW,
      action: "ban",
      infoHash: APP.infoHash,
      actor: "127.0.0.7",
      detail: { reason: "corrupt build" },
    });
    expect(entries[0]).toMatchObject({ detail: { name: "app", before: "active", after: "inactive", targetCount: 0 } });
  });

  it("gives as many entries as are asked for; a limit that is none is refused", async () => {
    await activate();
    expect((await get("/audit?limit=1")).json).toMatchObject({ entries: [{ action: "activate" }] });
    for (const limit of ["0", "-1", "1001", "x", ""])
      expect((await get(`/audit?limit=${limit}`)).json).toMatchObject({
        code: "REQUEST_INVALID",
        detail: expect.stringContaining("querystring.limit"),
      });
  });

  it("that cannot be written to does not make a change fail that was made; the tracker's log has both", async () => {
    const { registry } = world.parts;
    const full = { ...registry.audit, append: () => Promise.reject(new Error("disk full")) };
    const limping = startWorld({ registry: { ...registry, audit: full } });
    expect((await limping.publish(APP)).status).toBe(201);
    expect(limping.logged).toMatchObject([
      { level: "info", details: { audit: "register", client: "127.0.0.1" } },
      { level: "error", details: { audit: "register", err: { message: "disk full" } } },
    ]);
  });
});

function service() {
  const { registry, store, now } = world.parts;
  return createAnnounceService({
    store,
    registry,
    resolver: { name: "here", locate: () => ({ path: ["rack1"], resolver: "here" }), close: async () => {} },
    policy: DEFAULT_POLICY,
    settings: { passiveIntervalSeconds: 1800, inactiveReply: "auto", unknownRack: "shared" },
    termsOf: createTransferTerms(findHostAddress),
    addressText: hostAddressText,
    now,
    random: Math.random,
  });
}

async function announce(peerId: PeerId): Promise<ServiceReply> {
  return await service().announce({
    infoHash: APP.infoHash,
    peerId,
    key: "",
    endpoint: compactEndpoint(parseHostAddress("10.0.1.1"), 6881),
    otherEndpoint: undefined,
    reach: "any",
    event: "none",
    left: 1,
    uploaded: 0,
    downloaded: 0,
    numwant: undefined,
  });
}
