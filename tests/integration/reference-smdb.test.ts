// The reference SMDB as its users meet it: over HTTP, and as a process.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { startTestSmdb, type TestSmdb } from "../support/reference-smdb.ts";

const root = join(import.meta.dirname, "../..");
const WEB1 = { name: "web1", addresses: ["10.77.1.5", "2001:DB8:0::5"], dc: "ams1", row: "row1", cabinet: "012" };
const WEB2 = { name: "web2", addresses: ["10.77.1.6"], cabinet: "rack2" };
const TWIN = { name: "twin", addresses: ["10.77.1.6"], cabinet: "rack3" };
const TOKEN = "a-token-of-the-test";

describe("the reference SMDB", () => {
  let smdb: TestSmdb;
  const reloads: (number | Error)[] = [];
  beforeEach(async () => {
    reloads.length = 0;
    smdb = await startTestSmdb([WEB1, WEB2, TWIN], { onReload: (result) => reloads.push(result) });
  });
  afterEach(() => smdb.close());

  const get = async (path: string): Promise<unknown> => (await fetch(smdb.url + path)).json();
  const status = async (path: string, init?: RequestInit) => (await fetch(smdb.url + path, init)).status;

  it("names all servers of an address, as they stand in the file", async () => {
    const addresses = ["10.77.1.5", "2001:db8::5"];
    expect(await get("/servers/ipaddresses/10.77.1.5")).toEqual({
      web1: { cabinet: "012", row: "row1", dc: "ams1", addresses },
    });
    expect(await get("/servers/ipaddresses/2001%3Adb8%3A%3A5")).toHaveProperty("web1");
    expect(await get("/servers/ipaddresses/10.77.1.6")).toEqual({
      web2: { cabinet: "rack2", addresses: ["10.77.1.6"] },
      twin: { cabinet: "rack3", addresses: ["10.77.1.6"] },
    });
    expect(await get("/servers/web1")).toMatchObject({ cabinet: "012" });
    expect(await status("/servers/ipaddresses/10.77.1.7")).toBe(404);
    expect(await status("/servers/ipaddresses/nonsense")).toBe(404);
    expect(await status("/servers/web3")).toBe(404);
  });

  it("tells the same in NetBox's shape, page by page", async () => {
    const found = (await get("/api/ipam/ip-addresses/?address=2001:db8::5")) as { results: object[] };
    expect(found).toMatchObject({ count: 1, next: null, previous: null });
    expect(found.results).toMatchObject([
      { address: "2001:db8::5/128", family: { value: 6 }, assigned_object: { device: { id: 1, name: "web1" } } },
    ]);
    expect(await get("/api/dcim/devices/1/")).toMatchObject({
      name: "web1",
      site: { slug: "ams1" },
      location: { slug: "row1" },
      rack: { name: "012" },
    });
    expect(await get("/api/ipam/ip-addresses/?address=10.9.9.9")).toMatchObject({ count: 0, results: [] });
    expect(await status("/api/dcim/devices/9/")).toBe(404);
    const page = await get("/api/ipam/ip-addresses/?limit=2&offset=1");
    const link = (offset: number) => `${smdb.url}/api/ipam/ip-addresses/?limit=2&offset=${offset}`;
    expect(page).toMatchObject({ count: 4, next: link(3), previous: link(0), results: [{ id: 2 }, { id: 3 }] });
  });

  it("reads its file again when that changes, and keeps what it had when it is refused", async () => {
    await smdb.write([{ ...WEB1, cabinet: "rack9" }]);
    await vi.waitFor(() => expect(reloads).toEqual([1]), 10_000);
    expect(await get("/servers/web1")).toMatchObject({ cabinet: "rack9" });
    await smdb.write([WEB1, WEB1, { name: "web3", addresses: ["10.0.0.1/8"] }]);
    await vi.waitFor(() => expect(reloads).toHaveLength(2), 10_000);
    expect(String(reloads[1])).toMatch(
      /hosts\.yaml is refused.*web1 is there twice.*web3: 10\.0\.0\.1\/8 is no address/s,
    );
    expect(await get("/servers/web1")).toMatchObject({ cabinet: "rack9" });
  });

  it("misbehaves as it is told to, and behaves again", async () => {
    const tell = (faults: object) =>
      status("/faults", {
        method: "PUT",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(faults),
      });
    const lookup = "/servers/ipaddresses/10.77.1.5";
    expect(await tell({ status: 503 })).toBe(200);
    expect(await status(lookup)).toBe(503);
    expect(await get("/healthz")).toEqual({ status: "ok", hosts: 3 });
    expect(await tell({ garbage: true })).toBe(200);
    await expect(get(lookup)).rejects.toThrow(SyntaxError);
    expect(await tell({ silence: true })).toBe(200);
    await expect(status(lookup, { signal: AbortSignal.timeout(300) })).rejects.toThrow(/timeout/);
    expect(await tell({ delayMs: 300 })).toBe(200);
    const askedAt = performance.now();
    expect(await status(lookup)).toBe(200);
    expect(performance.now() - askedAt).toBeGreaterThan(280);
    expect(await tell({ delay: 300 })).toBe(400);
    expect(await get("/faults")).toEqual({ delayMs: 300 });
    expect(await tell({})).toBe(200);
    expect(await status(lookup)).toBe(200);
  });
});

it("answers to bearers of its token alone, in the words of either API", async () => {
  const smdb = await startTestSmdb([WEB1], { token: TOKEN });
  onTestFinished(() => smdb.close());
  const status = async (path: string, authorization?: string) =>
    (await fetch(smdb.url + path, { headers: authorization === undefined ? {} : { authorization } })).status;
  expect(await status("/servers/web1")).toBe(401);
  expect(await status("/servers/web1", "Bearer other")).toBe(401);
  expect(await status("/servers/web1", `Bearer ${TOKEN}`)).toBe(200);
  expect(await status("/api/dcim/devices/1/", `Token ${TOKEN}`)).toBe(200);
  expect(await status("/faults")).toBe(401);
  expect(await status("/healthz")).toBe(200);
});

describe("npm run smdb", () => {
  const start = (...args: string[]) =>
    spawn(process.execPath, ["--conditions=@rackcast/source", "smdb-adapter/reference/main.ts", ...args], {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
    });

  it("serves the example and ends on a signal", async () => {
    const example = "ops/docker/hosts.yaml";
    const child = start("--data", example, "--port", "0", "--faults", '{"status":418}');
    onTestFinished(() => void child.kill("SIGKILL"));
    const [line] = (await once(child.stdout.setEncoding("utf8"), "data")) as [string];
    const url = /listening on (\S+)/.exec(line)![1]!;
    expect((await fetch(`${url}/servers/web1`)).status).toBe(418);
    await fetch(`${url}/faults`, { method: "PUT", headers: { "content-type": "application/json" }, body: "{}" });
    expect(await (await fetch(`${url}/servers/web1`)).json()).toMatchObject({ cabinet: "rack1" });
    child.kill("SIGHUP");
    const [told] = (await once(child.stderr.setEncoding("utf8"), "data")) as [string];
    expect(told).toContain("read again: 4 hosts");
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
  });

  it.each([
    [["--port", "1"], 2, "--data is missing"],
    [["--data", "x", "--port", "70000"], 2, "--port 70000 is no port"],
    [["--data", "x", "--faults", '{"delay":1}'], 2, "--faults"],
    [["--data", "absent.yaml"], 1, "absent.yaml"],
  ])("with %j ends with %d and says why", async (args, code, why) => {
    const child = start(...args);
    let told = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (told += text));
    expect(await once(child, "close")).toEqual([code, null]);
    expect(told).toContain(why);
  });
});
