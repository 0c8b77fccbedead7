// Announce keys by the REST API: issued, rotated, revoked, listed, audited, and put into torrents.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseTorrentFile } from "../../tracker/src/wire/torrent-file.ts";
import { NOW, startWorld, torrent, type World } from "./control-api-world.ts";

const APP = torrent("app");
const ISO_NOW = new Date(NOW).toISOString();
const KEY = /^[0-9a-f]{32}$/;
const AT = "/announce-keys/web";

let world: World;
let now: number;
beforeEach(() => {
  now = NOW;
  world = startWorld({ now: () => now });
});
afterEach(async () => world.close());

const get = (url: string) => world.call("GET", url);
const issue = (user = "web") => world.call("POST", `/announce-keys/${user}`);
const rotate = (body?: object) => world.call("POST", `${AT}/rotate`, { body });
const userOf = (key: string) => world.parts.registry.announceKeys.userOf(key, now);
const keyIn = ({ json }: { json: unknown }) => (json as { key: string }).key;

describe("an announce key", () => {
  it("is issued once, told in that answer alone, and listed without itself", async () => {
    const answer = await issue();
    const listed = { user: "web", issuedAt: ISO_NOW, rotatedAt: null, formerUntil: null };
    expect(answer).toMatchObject({ status: 201, json: { ...listed, key: expect.stringMatching(KEY) } });
    expect(answer.headers["cache-control"]).toBe("no-store");
    expect(userOf(keyIn(answer))).toBe("web");
    expect((await get("/announce-keys")).json).toEqual({ keys: [listed] });
    const detail = expect.stringMatching(/^web has an announce key already; rotate it/);
    expect((await issue()).json).toMatchObject({ status: 409, code: "ANNOUNCE_KEY_ISSUED", detail });
    expect(userOf(keyIn(answer))).toBe("web");
  });

  it("that is rotated goes on for the grace that is asked for, for a day when none is", async () => {
    const keys = [keyIn(await issue())];
    const rotated = await rotate();
    keys.push(keyIn(rotated));
    const [rotatedAt, formerUntil] = [ISO_NOW, new Date(NOW + 86_400_000).toISOString()];
    expect(rotated).toMatchObject({ status: 200, json: { user: "web", issuedAt: ISO_NOW, rotatedAt, formerUntil } });
    expect(rotated.headers["cache-control"]).toBe("no-store");
    expect(keys.map(userOf)).toEqual(["web", "web"]);
    now += 1000;
    keys.push(keyIn(await rotate({ graceSeconds: 10 })));
    now += 10_000;
    expect(keys.map(userOf)).toEqual([undefined, undefined, "web"]);
    expect((await get("/announce-keys")).json).toMatchObject({ keys: [{ formerUntil: null }] });
    expect((await rotate({ graceSeconds: 0 })).json).toMatchObject({ formerUntil: null });
    expect(userOf(keys[2]!)).toBeUndefined();
  });

  it("that is revoked ends, as often as that is said", async () => {
    const key = keyIn(await issue());
    for (const _ of [1, 2]) expect(await world.call("DELETE", AT)).toMatchObject({ status: 204 });
    expect(userOf(key)).toBeUndefined();
    expect((await get("/announce-keys")).json).toEqual({ keys: [] });
    const detail = expect.stringMatching(/^"web" has no announce key; list/);
    expect((await rotate()).json).toMatchObject({ status: 404, code: "ANNOUNCE_KEY_UNKNOWN", detail });
  });

  it("is not issued to what is no user's name", async () => {
    const detail = expect.stringMatching(/is no name of a user; write 1 to 16 letters/);
    for (const user of ["10.0.0.1", "a".repeat(17), "two%20words", "na%C3%AFve", "%2E%2E%2F"])
      expect((await issue(user)).json, user).toMatchObject({ status: 400, code: "USER_MALFORMED", detail });
    expect((await get("/announce-keys")).json).toEqual({ keys: [] });
  });

  it("is not rotated by a body that does not fit, whose field is named", async () => {
    const key = keyIn(await issue());
    const graces = [-1, 30 * 86_400 + 1, 0.5, "9", null].map((graceSeconds) => ({ graceSeconds }));
    const detail = expect.stringMatching(/grace/);
    for (const body of [...graces, { grace: 1 }])
      expect((await rotate(body)).json).toMatchObject({ status: 400, code: "REQUEST_INVALID", detail });
    expect(userOf(key)).toBe("web");
    expect((await get("/announce-keys")).json).toMatchObject({ keys: [{ rotatedAt: null }] });
  });

  it("is for who may make control calls", async () => {
    const calls = [
      ["GET", "/announce-keys"],
      ["POST", AT],
      ["POST", `${AT}/rotate`],
      ["DELETE", AT],
    ] as const;
    for (const [method, url] of calls)
      expect((await world.call(method, url, { from: "10.0.0.5" })).json).toMatchObject({ code: "LOOPBACK_ONLY" });
    expect(await world.parts.registry.announceKeys.list()).toEqual([]);
  });

  it("leaves its changes in the audit log and the tracker's own, and itself in neither", async () => {
    const keys = [keyIn(await issue()), keyIn(await rotate({ graceSeconds: 60 }))];
    await issue();
    for (const _ of [1, 2]) await world.call("DELETE", AT);
    const { entries } = (await get("/audit")).json as { entries: unknown[] };
    expect(entries).toMatchObject([
      { action: "revoke-key", detail: { user: "web" } },
      { action: "rotate-key", detail: { user: "web", graceSeconds: 60 } },
      { action: "issue-key", infoHash: null, actor: "127.0.0.1", detail: { user: "web" } },
    ]);
    expect(entries).toHaveLength(3);
    expect(world.logged.map(({ details }) => details["audit"])).toEqual(["issue-key", "rotate-key", "revoke-key"]);
    for (const key of keys) expect(JSON.stringify([entries, world.logged])).not.toContain(key);
  });
});

describe("a torrent with an announce key", () => {
  const key = "0123456789abcdef".repeat(2);

  it.each(["/transfers", "/hosts/127.0.0.1/transfers"])(
    "is the registered one but for its announce URL: %s",
    async (path) => {
      await world.publish(APP);
      await world.call("POST", `/transfers/${APP.infoHash}/activate`);
      const answer = await get(`${path}/${APP.infoHash}/torrent?announceKey=${key}`);
      expect([answer.status, answer.type]).toEqual([200, "application/x-bittorrent"]);
      const url = "24:http://10.0.0.1/announce";
      expect(answer.raw.toString("latin1")).toBe(
        APP.bytes.toString("latin1").replace(url, `57:http://10.0.0.1/announce/${key}`),
      );
      expect(parseTorrentFile(answer.raw).infoHash).toBe(APP.infoHash);
      expect((await get(`/transfers/${APP.infoHash}/torrent`)).raw).toEqual(APP.bytes);
    },
  );

  it("is refused for what is no key", async () => {
    await world.publish(APP);
    const detail = expect.stringMatching(/^announceKey is no announce key; write the 32 digits/);
    for (const text of ["", "x", key.toUpperCase(), `${key}0`, `${key}%2F..`]) {
      const answer = await get(`/transfers/${APP.infoHash}/torrent?announceKey=${text}`);
      expect(answer.json, text).toMatchObject({ status: 400, code: "ANNOUNCE_KEY_MALFORMED", detail });
    }
  });

  it("is refused where no announce URL takes one, with the remedy", async () => {
    const elsewhere = torrent("elsewhere", 1, 1, { announce: "http://10.0.0.1/other" });
    await world.publish(elsewhere);
    const answer = await get(`/transfers/${elsewhere.infoHash}/torrent?announceKey=${key}`);
    const detail = expect.stringMatching(/ends in \/announce.*publish it with --announce/);
    expect(answer.json).toMatchObject({ status: 409, code: "ANNOUNCE_URL_MISSING", detail });
  });

  it("does not show the key in the tracker's log when the call fails", async () => {
    await world.publish(APP);
    const { registry } = world.parts;
    const torrentOf = () => Promise.reject(new Error("disk full"));
    const limping = startWorld({ registry: { ...registry, torrent: torrentOf } });
    const answer = await limping.call("GET", `/transfers/${APP.infoHash}/torrent?announceKey=${key}`);
    expect(answer.status).toBe(500);
    expect(limping.logged).toMatchObject([{ level: "error", details: { err: { message: "disk full" } } }]);
    expect(JSON.stringify(limping.logged)).not.toContain(key);
  });
});
