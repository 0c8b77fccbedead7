// A host by itself against a real tracker: it learns what it should have, checks it by the manifest with the programs that hosts have, and reports.
import { execFileSync } from "node:child_process";
import { generateKeyPairSync, sign } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import bencode, { type Encodable } from "bencode";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTrackerClient, type TrackerClient } from "../../deployer-cli/src/api/tracker-client.ts";
import { buildTorrent } from "../../deployer-cli/src/torrent/torrent-building.ts";
import { type RedisServer, startRedis } from "../support/redis-server.ts";
import { startStoryTracker, type StoryTracker } from "../support/story-tracker.ts";

const API_TOKEN = "s3cret";
const [HOST, OTHER, STRANGER, PROXY] = ["127.0.1.1", "127.0.1.2", "127.0.2.1", "127.0.9.1"];
const SETTINGS = { API_TOKEN, HOST: "::", ALLOW_CIDRS: "127.0.1.0/24", TRUSTED_PROXIES: PROXY };
const NAMES = ["plain", "a b", "new\nline", "back\\slash", "carriage\rreturn", "\\n", "ümläut", " lead", "-dash", "#1"];

interface HostCall {
  readonly from: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Makes it a PUT. */
  readonly report?: unknown;
}

interface HostAnswer {
  readonly status: number;
  readonly body: Buffer;
}

/** Calls below `/hosts`, from a host's own address. */
async function call({ port }: StoryTracker, path: string, { from, headers, report }: HostCall): Promise<HostAnswer> {
  const method = report === undefined ? "GET" : "PUT";
  const type = report === undefined ? {} : { "content-type": "application/json" };
  const place = { host: "127.0.0.1", port, path: `/hosts/${path}`, localAddress: from, agent: false };
  const outgoing = request({ ...place, method, headers: { ...headers, ...type } });
  outgoing.end(report === undefined ? undefined : JSON.stringify(report));
  const [response] = (await once(outgoing, "response")) as [IncomingMessage];
  return { status: response.statusCode ?? 0, body: await buffer(response) };
}

const code = ({ status, body }: HostAnswer) => [status, (JSON.parse(body.toString()) as { code: string }).code];

let folder: string;
let redis: RedisServer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "rackcast-host-"));
  mkdirSync(join(folder, "web-1", "sub"), { recursive: true });
  for (const name of NAMES) writeFileSync(join(folder, "web-1", "sub", name), name);
  redis = await startRedis();
});
afterAll(async () => {
  await redis.close();
  rmSync(folder, { recursive: true, force: true });
});

describe.each(["memory", "redis"])("a host of a tracker with STORE=%s", (store) => {
  const settings = () => ({
    ...SETTINGS,
    STORE: store,
    ...(store === "redis" ? { REDIS_URL: redis.url } : { DATA_DIR: join(folder, "data") }),
  });
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  let tracker: StoryTracker;
  let client: TrackerClient;
  let infoHash: string;
  beforeAll(async () => {
    tracker = await startStoryTracker(settings());
    client = createTrackerClient({ url: tracker.url, token: API_TOKEN, signal: new AbortController().signal });
    const announceUrl = `${tracker.url}/announce`;
    const { bytes, torrent } = await buildTorrent({ path: join(folder, "web-1"), announceUrl });
    infoHash = torrent.infoHash;
    await client.register(bytes);
    const signature = sign(null, Buffer.from(await client.manifest(infoHash)), privateKey);
    await client.deactivate(infoHash);
    await client.register(
      bencode.encode({ ...(bencode.decode(bytes) as Record<string, Encodable>), "rackcast signature": signature }),
    );
    await client.activate(infoHash, { targets: [HOST, STRANGER] });
  });
  afterAll(async () => tracker.close());

  const fetchFile = async (which: string) => {
    const { status, body } = await call(tracker, `self/transfers/${infoHash}/${which}`, { from: HOST });
    expect(status).toBe(200);
    const file = join(folder, which);
    writeFileSync(file, body);
    return file;
  };

  it("learns in a line of text what it should have, by its own address", async () => {
    const { body } = await call(tracker, `${HOST}/transfers`, { from: HOST, headers: { accept: "text/plain" } });
    const lengthBytes = NAMES.reduce((sum, name) => sum + Buffer.byteLength(name), 0);
    expect(body.toString()).toBe(`${infoHash}\t${lengthBytes}\tcurrent\t-\tweb-1\n# end 1\n`);
    const none = await call(tracker, "self/transfers", { from: OTHER, headers: { accept: "text/plain" } });
    expect(none).toEqual({ status: 200, body: Buffer.from("# end 0\n") });
  });

  it("checks whatever names the files have with sha256sum, which finds the one that is wrong", async () => {
    const manifest = await fetchFile("manifest");
    const check = () =>
      execFileSync("sha256sum", ["--check", "--strict", "--quiet", manifest], { cwd: folder, stdio: "pipe" });
    check();
    writeFileSync(join(folder, "web-1", "sub", NAMES[2]!), "wrong");
    expect(check).toThrow(/1 computed checksum did NOT match/);
    writeFileSync(join(folder, "web-1", "sub", NAMES[2]!), NAMES[2]!);
  });

  it("checks with openssl that the manifest is signed, and which one", async () => {
    const [manifest, signature] = [await fetchFile("manifest"), await fetchFile("signature")];
    const key = join(folder, "key.pem");
    writeFileSync(key, publicKey.export({ type: "spki", format: "pem" }));
    const verification = `pkeyutl -verify -pubin -inkey ${key} -rawin -in ${manifest} -sigfile ${signature}`;
    const verify = () => execFileSync("openssl", verification.split(" "), { stdio: "pipe" }).toString();
    expect(verify()).toMatch(/Signature Verified Successfully/);
    writeFileSync(manifest, "another");
    expect(verify).toThrow(/Command failed/);
  });

  it("has the .torrent as it was registered", async () => {
    const { body } = await call(tracker, `self/transfers/${infoHash}/torrent`, { from: HOST });
    expect(Buffer.from(await client.torrent(infoHash))).toEqual(body);
  });

  it("reports for itself, not for another, and not from an address outside ALLOW_CIDRS", async () => {
    const report = { state: "failed", code: "CORRUPT", message: "sub/plain is not what it should be" } as const;
    const path = `transfers/${infoHash}`;
    expect((await call(tracker, `self/${path}`, { from: HOST, report })).status).toBe(200);
    expect(code(await call(tracker, `${HOST}/${path}`, { from: OTHER, report }))).toEqual([403, "OTHER_HOST"]);
    expect(code(await call(tracker, `self/${path}`, { from: OTHER, report }))).toEqual([404, "TRANSFER_NOT_ASSIGNED"]);
    expect(code(await call(tracker, `self/${path}`, { from: STRANGER, report }))).toEqual([403, "HOST_NOT_ALLOWED"]);
    const [kept, ...others] = (await client.show(infoHash)).reports;
    expect([kept, others]).toEqual([{ ...report, address: HOST, reportedAt: expect.any(String) }, []]);
  });

  it("is who a trusted proxy says, and nobody else's word counts", async () => {
    const behind = (from: string, host: string) => ({ from, headers: { "x-forwarded-for": host } });
    expect((await call(tracker, `${HOST}/transfers`, behind(PROXY, HOST))).status).toBe(200);
    expect(code(await call(tracker, `${HOST}/transfers`, behind(PROXY, OTHER)))).toEqual([403, "OTHER_HOST"]);
    expect(code(await call(tracker, `${HOST}/transfers`, behind(OTHER, HOST)))).toEqual([403, "OTHER_HOST"]);
    expect(code(await call(tracker, `self/transfers`, behind(PROXY, "unknown")))).toEqual([403, "HOST_NOT_ALLOWED"]);
  });

  it("is turned away while it is banned", async () => {
    const ban = { kind: "cidr", value: HOST } as const;
    await client.ban(ban, "misbehaves");
    const { body } = await call(tracker, "self/transfers", { from: HOST });
    expect(JSON.parse(body.toString())).toEqual({ transfers: [] });
    const torrent = await call(tracker, `self/transfers/${infoHash}/torrent`, { from: HOST });
    expect(code(torrent)).toEqual([404, "TRANSFER_NOT_ASSIGNED"]);
    await client.liftBan(ban);
  });

  it("has its report kept by a tracker that starts again, and it is counted by the one that took it", async () => {
    const report = { state: "verified" };
    const answer = await call(tracker, `self/transfers/${infoHash}`, { from: HOST, report });
    const headers = { authorization: `Bearer ${API_TOKEN}` };
    const metrics = await (await fetch(`${tracker.url}/metrics`, { headers })).text();
    expect(metrics).toContain('rackcast_host_reports_total{state="verified"} 1\n');
    await tracker.close();
    tracker = await startStoryTracker(settings());
    const again = await call(tracker, "self/transfers", { from: HOST });
    const kept = JSON.parse(answer.body.toString()) as object;
    expect(JSON.parse(again.body.toString())).toMatchObject({ transfers: [{ report: kept }] });
    expect(tracker.complaints).toEqual([]);
  });
});
