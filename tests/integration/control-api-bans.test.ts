import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { TopologyResolver } from "../../smdb-adapter/src/topology-resolver.ts";
import { NO_PATIENCE } from "../../tracker/src/service/place-patience.ts";
import {
  type ClientAnnounce,
  createAnnounceService,
  type ServiceReply,
} from "../../tracker/src/service/announce-service.ts";
import { parseBanFile } from "../../tracker/src/bans/ban-file.ts";
import { createBanIndex } from "../../tracker/src/bans/ban-index.ts";
import { withBanFile } from "../../tracker/src/bans/filed-bans.ts";
import { createTransferTerms } from "../../tracker/src/service/transfer-terms.ts";
import { BY_HOST } from "../../tracker/src/service/user-identifier.ts";
import { type CompactEndpoint, compactEndpoint, type PeerId } from "../../tracker/src/swarm/identifiers.ts";
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
afterEach(async () => world.close());

const get = (url: string) => world.call("GET", url);
const ban = (reason: string, from?: string) => world.call("PUT", BAN, { body: { reason }, ...(from && { from }) });

async function activate(): Promise<void> {
  await world.publish(APP);
  await world.call("POST", `/transfers/${APP.infoHash}/activate`);
}

describe("a ban", () => {
  it("is made for any info-hash, told, listed and lifted", async () => {
    const subject = { kind: "info-hash", value: APP.infoHash, infoHash: APP.infoHash };
    const made = { ...subject, reason: "corrupt build", bannedAt: ISO_NOW, source: "api" };
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

describe("bans of hosts and clients", () => {
  const put = (path: string, reason = "why") => world.call("PUT", path, { body: { reason } });

  it("are made, told, listed in one list and lifted by paths of their own, and audited", async () => {
    const paths = [
      ["/bans/cidr/10.0.0.0/8", { kind: "cidr", value: "10.0.0.0/8" }],
      ["/bans/cidr/2001:DB8::/32", { kind: "cidr", value: "2001:db8::/32" }],
      ["/bans/client/-XL", { kind: "client", value: "-XL" }],
      ["/bans/client/%2529%25fF%252F", { kind: "client", value: ")%ff/" }],
    ] as const;
    for (const [path, subject] of paths) {
      const made = { ...subject, infoHash: null, reason: "why", bannedAt: ISO_NOW, source: "api" };
      expect(await put(path)).toMatchObject({ status: 200, json: made });
      expect((await get(path)).json).toEqual(made);
      expect((await get("/bans")).json).toEqual({ bans: [made] });
      for (const _ of [1, 2]) expect(await world.call("DELETE", path)).toMatchObject({ status: 204 });
      expect((await get(path)).json).toMatchObject({
        code: "BAN_UNKNOWN",
        detail: expect.stringContaining(subject.value),
      });
      const { entries } = (await get("/audit?limit=2")).json as { entries: unknown[] };
      expect(entries).toMatchObject([
        { action: "unban", infoHash: null, detail: { ...subject, reason: "why" } },
        { action: "ban", infoHash: null, detail: { ...subject, reason: "why" } },
      ]);
    }
  });

  it.each([
    ["/bans/cidr/10.1.2.3/8", /address\/length: "10\.1\.2\.3\/8" has bits set beyond .* write 10\.0\.0\.0\/8/],
    ["/bans/cidr/10.0.0.0/33", /no prefix length from 0 to 32/],
    ["/bans/cidr/rack1/8", /is not a prefix/],
    ["/bans/client/-XL%20x", /prefix: "-XL x" is no start of a peer id; write 1 to 20 bytes/],
    ["/bans/client/012345678901234567890", /1 to 20 bytes/],
  ])("are refused at %s with the field and the remedy", async (path, detail) => {
    for (const answer of [await put(path), await get(path), await world.call("DELETE", path)])
      expect(answer.json).toMatchObject({ status: 400, code: "BAN_MALFORMED", detail: expect.stringMatching(detail) });
    expect(await world.parts.registry.bans.list()).toEqual([]);
  });

  it.each(["/bans/cidr/10.0.1.1/32", "/bans/client/-lt0D"])(
    "take a live client out of the swarm at its next announce: %s",
    async (path) => {
      await activate();
      await announce(RTORRENT);
      await announce(RASTERBAR, "10.0.1.2");
      const live = async () =>
        ((await get(`/transfers/${APP.infoHash}/peers`)).json as { peers: { address: string }[] }).peers.map(
          ({ address }) => address,
        );
      expect(await live()).toEqual(["10.0.1.1", "10.0.1.2"]);
      await put(path, "misbehaves");
      expect(await announce(RTORRENT)).toEqual({ kind: "failure", reason: "banned: misbehaves" });
      expect(await live()).toEqual(["10.0.1.2"]);
      await world.call("DELETE", path);
      expect(await announce(RTORRENT)).toMatchObject({ kind: "peers" });
    },
  );

  it("take all transfers from what a banned host should have, and none from others", async () => {
    await activate();
    await put("/bans/cidr/10.0.1.0/24");
    await put("/bans/client/-");
    expect((await get("/hosts/10.0.1.1/transfers")).json).toEqual({ transfers: [] });
    expect((await get("/hosts/10.0.2.1/transfers")).json).toMatchObject({ transfers: [{ name: "app" }] });
  });

  it("turn a client away by the address that a trusted proxy adds, too", async () => {
    await activate();
    await put("/bans/cidr/2001:db8::/64", "v6");
    const other = compactEndpoint(parseHostAddress("2001:db8::7"), 6881);
    expect(await announce(RTORRENT, "10.0.1.1", other)).toEqual({ kind: "failure", reason: "banned: v6" });
    expect(await announce(RTORRENT)).toMatchObject({ kind: "peers" });
  });

  it("made while the place of the host is asked for hold for that announce already", async () => {
    await activate();
    let found: (location: undefined) => void = () => {};
    const pending = new Promise<undefined>((resolve) => (found = resolve));
    const slow = { name: "slow", locate: () => pending, reload: async () => {}, close: async () => {} };
    const answer = service(slow).announce(said(RTORRENT));
    await put("/bans/client/-lt", "late");
    found(undefined);
    expect(await answer).toEqual({ kind: "failure", reason: "banned: late" });
  });
});

describe("a ban of the ban file", () => {
  it("is listed as such, holds, and can be changed and lifted only there", async () => {
    const [filed] = parseBanFile("\nclient -lt from the file", "bans.txt", NOW + 1);
    const file = { file: "bans.txt", bans: () => createBanIndex([filed!]) };
    const { registry } = world.parts;
    const withFile = startWorld({ registry: { ...registry, bans: withBanFile(registry.bans, file) } });
    await withFile.call("PUT", "/bans/client/-XL", { body: { reason: "by call" } });
    expect((await withFile.call("GET", "/bans")).json).toMatchObject({
      bans: [
        { value: "-XL", reason: "by call", source: "api" },
        { value: "-lt", reason: "from the file", source: "file" },
      ],
    });
    expect((await withFile.call("GET", "/bans/client/-lt")).json).toMatchObject({ source: "file" });
    const detail = expect.stringMatching(/client -lt is line 2 of bans\.txt; edit that line/);
    for (const answer of [
      await withFile.call("DELETE", "/bans/client/-lt"),
      await withFile.call("PUT", "/bans/client/-lt", { body: { reason: "x" } }),
    ])
      expect(answer.json).toMatchObject({ status: 409, code: "BAN_IN_FILE", detail });
    expect(withFile.parts.registry.bans.turnsAway(said(RTORRENT))).toEqual(filed);
    expect(withFile.parts.registry.bans.turnsAway(said(RASTERBAR))).toBeUndefined();
    expect(await withFile.call("DELETE", "/bans/client/-XL")).toMatchObject({ status: 204 });
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
      detail: { kind: "info-hash", value: APP.infoHash, reason: "corrupt build" },
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

const HERE: TopologyResolver = {
  name: "here",
  locate: () => ({ path: ["rack1"], resolver: "here" }),
  reload: async () => {},
  close: async () => {},
};

function service(resolver = HERE) {
  const { registry, store, now } = world.parts;
  return createAnnounceService({
    store,
    registry,
    patience: NO_PATIENCE,
    identify: BY_HOST,
    resolver,
    policy: DEFAULT_POLICY,
    settings: { passiveIntervalSeconds: 1800, inactiveReply: "auto", unknownRack: "shared" },
    termsOf: createTransferTerms(findHostAddress),
    addressText: hostAddressText,
    now,
    random: Math.random,
  });
}

async function announce(...client: Parameters<typeof said>): Promise<ServiceReply> {
  return await service().announce(said(...client));
}

function said(peerId: PeerId, host = "10.0.1.1", otherEndpoint?: CompactEndpoint): ClientAnnounce {
  return {
    infoHash: APP.infoHash,
    peerId,
    key: "",
    announceKey: "",
    endpoint: compactEndpoint(parseHostAddress(host), 6881),
    otherEndpoint,
    reach: "any",
    event: "none",
    left: 1,
    uploaded: 0,
    downloaded: 0,
    numwant: undefined,
  };
}
