// What the REST API tells a host of its releases, and takes from it as reports.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { HostReportState } from "../../tracker/src/registry/host-reports.ts";
import { type Answer, NOW, PAYLOAD, startWorld, torrent, type World } from "./control-api-world.ts";

const HOST = "10.0.1.1";
const [WEB_1, WEB_2, API] = [torrent("web-1", 1), torrent("web-2", 2), torrent("api", 3)];
const TOKEN = "s3cret";
const BEARER = { authorization: `Bearer ${TOKEN}` };

let world: World;
let clock: number;
let counted: HostReportState[];
beforeEach(() => {
  [clock, counted] = [NOW, []];
  world = startWorld({
    now: () => clock,
    settings: { apiToken: TOKEN, unknownRack: "shared" },
    onHostReport: (state) => void counted.push(state),
  });
});
afterEach(() => world.close());

const asHost = (url: string, headers = {}) => world.call("GET", url, { from: HOST, headers });
const post = (url: string, body: unknown) => world.call("POST", url, { body, headers: BEARER });
const put = (url: string, body: unknown, from = HOST) => world.call("PUT", url, { body, from });
const textOf = async (url = "/hosts/self/transfers") => (await asHost(url, { accept: "text/plain" })).raw.toString();

async function activate({ infoHash, bytes }: ReturnType<typeof torrent>, lists: object = {}): Promise<void> {
  await world.publish({ infoHash, bytes }, { headers: BEARER });
  clock += 1000;
  expect((await post(`/transfers/${infoHash}/activate`, lists)).status).toBe(200);
}

function expectProblem({ status, json }: Answer, code: string, detail: RegExp): void {
  expect(json).toMatchObject({ status, code, detail: expect.stringMatching(detail) });
}

describe("a host's transfers", () => {
  it("name their series, and of each series the one activated last is current", async () => {
    for (const each of [WEB_1, WEB_2, API]) await activate(each, { targets: [HOST] });
    const transfers = async () => ((await asHost("/hosts/self/transfers")).json as { transfers: object[] }).transfers;
    expect(await transfers()).toMatchObject([
      { name: "web-1", series: "web", current: false, report: null },
      { name: "web-2", series: "web", current: true, report: null },
      { name: "api", series: "api", current: true, report: null },
    ]);
    clock += 1000;
    await post(`/transfers/${WEB_1.infoHash}/activate`, { renew: true });
    expect(await transfers()).toMatchObject([{ current: true }, { current: false }, { current: true }]);
  });

  it("are current by what this host should have, not by what others should", async () => {
    await activate(WEB_1, { targets: [HOST] });
    await activate(WEB_2, { targets: ["10.0.1.2"] });
    expect(await textOf()).toBe(`${WEB_1.infoHash}\t${PAYLOAD}\tcurrent\t-\tweb-1\n# end 1\n`);
  });

  it("are lines of text for shell scripts, without names that no folder should have", async () => {
    for (const each of [WEB_1, torrent("web-2 beta"), torrent("-rf", 5), WEB_2]) await activate(each);
    await put(`/hosts/self/transfers/${WEB_1.infoHash}`, { state: "verified" });
    await put(`/hosts/self/transfers/${WEB_2.infoHash}`, { state: "failed" });
    const answer = await asHost("/hosts/self/transfers", { accept: "text/plain" });
    expect([answer.status, answer.type]).toEqual([200, "text/plain"]);
    expect(answer.raw.toString()).toBe(
      `${WEB_1.infoHash}\t${PAYLOAD}\tkept\tverified\tweb-1\n${WEB_2.infoHash}\t${PAYLOAD}\tcurrent\tfailed\tweb-2\n# end 2\n`,
    );
  });

  it("are none but the line that says so for a host that should have none", async () => {
    await activate(WEB_1, { targets: ["10.0.1.2"] });
    expect(await textOf()).toBe("# end 0\n");
  });
});

describe("a host's report", () => {
  const FAILED = { state: "failed", code: "DISK_FULL", message: "3 MiB are missing on /var – free some" };
  const reports = async () =>
    ((await world.call("GET", `/transfers/${WEB_1.infoHash}`, { headers: BEARER })).json as { reports: object[] })
      .reports;

  it("is told with the transfer and to the host, with the tracker's time, and counted", async () => {
    await activate(WEB_1);
    clock += 500;
    const failed = { ...FAILED, address: HOST, reportedAt: new Date(clock).toISOString() };
    const answer = await put(`/hosts/${HOST}/transfers/${WEB_1.infoHash}`, FAILED);
    expect([answer.status, answer.json]).toEqual([200, failed]);
    await put(`/hosts/self/transfers/${WEB_1.infoHash}`, { state: "verified" }, "10.0.1.2");
    const verified = { ...failed, address: "10.0.1.2", state: "verified", code: null, message: null };
    expect(await reports()).toEqual([failed, verified]);
    expect((await asHost("/hosts/self/transfers")).json).toMatchObject({ transfers: [{ report: failed }] });
    expect(counted).toEqual(["failed", "verified"]);
    expect(await world.parts.registry.audit.list(9)).toHaveLength(2);
  });

  it("is out of date once the transfer is activated anew, and in the audit log stands by whom", async () => {
    await activate(WEB_1);
    await put(`/hosts/self/transfers/${WEB_1.infoHash}`, { state: "verified" });
    await post(`/transfers/${WEB_1.infoHash}/activate`, { targets: [HOST] });
    expect(await reports()).toHaveLength(1);
    clock += 1000;
    await post(`/transfers/${WEB_1.infoHash}/activate`, { renew: true });
    expect(await reports()).toEqual([]);
    expect(await textOf()).toMatch(/\tcurrent\t-\t/);
    expect(await world.parts.registry.audit.list(1)).toMatchObject([{ action: "activate", at: clock }]);
  });

  it.each([
    [{}, /state/],
    [{ state: "done" }, /body\.state must be one of verified, failed/],
    [{ state: "failed", code: "disk full" }, /body\.code/],
    [{ state: "failed", message: "two\nlines" }, /body\.message/],
    [{ state: "failed", message: "x".repeat(501) }, /body\.message/],
    [{ state: "failed", reason: "x" }, /"reason"/],
  ])("such as %j is refused, naming the field", async (body, detail) => {
    await activate(WEB_1);
    expectProblem(await put(`/hosts/self/transfers/${WEB_1.infoHash}`, body), "REQUEST_INVALID", detail);
    expect(await reports()).toEqual([]);
  });

  it("is refused on what the host should not have", async () => {
    const report = async () => put(`/hosts/self/transfers/${WEB_1.infoHash}`, { state: "verified" });
    expectProblem(await report(), "TRANSFER_UNKNOWN", /publish/);
    await world.publish(WEB_1, { headers: BEARER });
    expectProblem(await report(), "TRANSFER_NOT_ACTIVE", /rackcast activate/);
    await activate(WEB_1, { targets: ["10.0.1.2"] });
    expectProblem(await report(), "TRANSFER_NOT_ASSIGNED", /10\.0\.1\.1; activate it with this one/);
  });
});

describe("a release's files", () => {
  it("are a manifest and a signature, refused where the torrent has none, with the remedy", async () => {
    const signature = Buffer.alloc(64, 7);
    const signed = torrent("web-2", 2, 1, { "rackcast signature": signature });
    expect(signed.infoHash).toBe(WEB_2.infoHash);
    await activate(signed);
    const file = `/hosts/self/transfers/${signed.infoHash}`;
    expect((await asHost(`${file}/torrent`)).raw).toEqual(signed.bytes);
    const answer = await asHost(`${file}/signature`);
    expect([answer.status, answer.type, answer.raw]).toEqual([200, "application/octet-stream", signature]);
    expectProblem(await asHost(`${file}/manifest`), "MANIFEST_MISSING", /rackcast build/);
    await activate(WEB_1);
    expectProblem(await asHost(`/hosts/self/transfers/${WEB_1.infoHash}/signature`), "SIGNATURE_MISSING", /not signed/);
  });

  it("are those of the torrent that is registered now, though another was before", async () => {
    await activate(WEB_1);
    const file = `/transfers/${WEB_1.infoHash}/signature`;
    const status = async () => (await world.call("GET", file, { headers: BEARER })).status;
    expect(await status()).toBe(404);
    const signed = torrent("web-1", 1, 1, { "rackcast signature": Buffer.alloc(64, 7) });
    await activate(signed);
    expect(await status()).toBe(404);
    await post(`/transfers/${WEB_1.infoHash}/deactivate`, {});
    await activate(signed);
    expect(await status()).toBe(200);
  });

  it.each(["torrent", "manifest", "signature"])("(%s) are for hosts that should have it", async (which) => {
    await activate(WEB_1, { targets: ["10.0.1.2"] });
    expectProblem(await asHost(`/hosts/self/transfers/${WEB_1.infoHash}/${which}`), "TRANSFER_NOT_ASSIGNED", /./);
    await post(`/transfers/${WEB_1.infoHash}/deactivate`, {});
    expectProblem(await asHost(`/hosts/self/transfers/${WEB_1.infoHash}/${which}`), "TRANSFER_NOT_ACTIVE", /./);
  });

  it("refuse a torrent whose signature has another length, naming the field", async () => {
    const { infoHash, bytes } = torrent("web-1", 1, 1, { "rackcast signature": "s".repeat(64) });
    const shorter = bytes.toString("latin1").replace(`64:${"s".repeat(64)}`, `63:${"s".repeat(63)}`);
    const answer = await world.publish({ infoHash, bytes: Buffer.from(shorter, "latin1") }, { headers: BEARER });
    expectProblem(answer, "TORRENT_MALFORMED", /rackcast signature must be a string of 64 bytes/);
  });
});

describe("who may ask for a host", () => {
  const URL = `/hosts/${HOST}/transfers`;
  const ask = async (from: string, headers = {}, url = URL) => (await world.call("GET", url, { from, headers })).status;

  it("is the host itself, also when its address is written or seen as IPv6", async () => {
    expect(await ask(HOST)).toBe(200);
    expect(await ask("::ffff:10.0.1.1")).toBe(200);
    expect(await ask(HOST, {}, "/hosts/::ffff:10.0.1.1/transfers")).toBe(200);
    expect(await ask("2001:db8::5", {}, "/hosts/2001:DB8:0::5/transfers")).toBe(200);
  });

  it.each(["10.0.1.2", "127.0.0.1", "2001:db8::1"])("is not %s, which is told the remedy", async (from) => {
    const answer = await world.call("GET", URL, { from });
    expect(answer.status).toBe(403);
    expectProblem(
      answer,
      "OTHER_HOST",
      new RegExp(`${from} may.*not for 10\\.0\\.1\\.1; ask for /hosts/self.*API_TOKEN`),
    );
    const report = await put(`/hosts/${HOST}/transfers/${WEB_1.infoHash}`, { state: "verified" }, from);
    expectProblem(report, "OTHER_HOST", /./);
  });

  it("is whoever has the token, and not who has another", async () => {
    expect(await ask("10.0.9.9", BEARER)).toBe(200);
    expectProblem(
      await world.call("GET", URL, { from: HOST, headers: { authorization: "Bearer x" } }),
      "TOKEN_WRONG",
      /./,
    );
  });

  it("without a token is the tracker's own host, too", async () => {
    const open = startWorld();
    expect((await open.call("GET", URL)).status).toBe(200);
    const proxied = await open.call("GET", URL, { headers: { "x-forwarded-for": "10.0.1.2" } });
    expectProblem(proxied, "OTHER_HOST", /127\.0\.0\.1/);
    await open.close();
  });

  it("is not who asks for control calls: those take the token as ever", async () => {
    expect(await ask(HOST, {}, "/transfers")).toBe(401);
    expect(await ask(HOST, {}, `/topology/${HOST}`)).toBe(401);
  });
});
