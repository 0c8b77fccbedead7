// The rest resolver in front of services that answer, whatever their data is like.
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { ADDRESS, answering, listen, LOOKUP, serve, startRest, temporaryFolder } from "./rest-world.ts";

describe("a service that answers", () => {
  it("is asked at its IPv6 address", async () => {
    const url = await serve((_, response) => void response.end('{"web1": {"cabinet": 12}}'), "::1");
    const { resolver } = await startRest({ url });
    expect(await resolver.locate(ADDRESS)).toEqual({ path: ["12"], resolver: "smdb" });
  });

  it("is followed where it redirects within itself, as far as three times", async () => {
    const url = await serve(({ url: asked = "" }, response) => {
      const hop = Number(new URL(asked, "http://x").searchParams.get("hop"));
      if (hop === 3) return void response.end('{"web1": {"cabinet": "rack1"}}');
      response.writeHead(301 + (hop % 2) * 7, { location: `?hop=${hop + 1}` }).end("elsewhere");
    });
    const { resolver } = await startRest({ url: `${url}/beneath/` });
    expect(await resolver.locate(ADDRESS)).toMatchObject({ path: ["rack1"] });
  });

  it("is shown what the settings say, and a password or token of a file that changes", async () => {
    const folder = temporaryFolder();
    const file = join(folder, "token");
    writeFileSync(file, "first\n");
    const shown: (string | undefined)[] = [];
    const url = await serve((request, response) => {
      shown.push(`${String(request.headers["x-site"])} ${request.headers.authorization}`);
      response.writeHead(404).end();
    });
    const { resolver, faults } = await startRest({ url, token_file: file, headers: { "X-Site": "ams1" } });
    expect(await resolver.locate(ADDRESS)).toBeUndefined();
    writeFileSync(file, "second\n");
    await vi.waitFor(() => expect(faults()).toEqual(["reloaded"]), 10_000);
    await resolver.locate(ADDRESS);
    for (const own of [
      { username: "u", password: "p:w" },
      { preset: "netbox" as const, token: "0123" },
      { preset: "netbox" as const, token: "nbt_key.0123" },
      { token: "0123", token_scheme: "Token" as const },
    ]) {
      await (await startRest({ url, ...own })).resolver.locate(ADDRESS);
    }
    expect(shown).toEqual([
      "ams1 Bearer first",
      "ams1 Bearer second",
      `undefined Basic ${Buffer.from("u:p:w").toString("base64")}`,
      "undefined Token 0123",
      "undefined Bearer nbt_key.0123",
      "undefined Token 0123",
    ]);
  });

  it("is asked over no more connections than set, which are used again, unknown hosts included", async () => {
    let connections = 0;
    const server = createServer((_, response) => void setTimeout(() => response.writeHead(404).end("{}"), 5));
    server.on("connection", () => connections++);
    const { resolver } = await startRest({ url: await listen(server), connections: 3 }, { timeoutMs: 10_000 });
    const asked = Array.from({ length: 60 }, async (_, index) => resolver.locate(`10.77.1.${index}`));
    expect(new Set(await Promise.all(asked))).toEqual(new Set([undefined]));
    expect(connections).toBe(3);
  });

  it.each<[string, string, number]>([
    ["404", "{}", 404],
    ["an empty object", "{}", 200],
    ["an empty list", "[]", 200],
    ["null", "null", 200],
  ])("knows no host when it says so by %s", async (_, body, status) => {
    const { resolver, faults } = await startRest({ url: await answering(body, status) });
    expect(await resolver.locate(ADDRESS)).toBeUndefined();
    expect(faults()).toEqual([]);
  });

  it("knows no host when it says so by a status of its own", async () => {
    const url = await answering("", 204);
    const { resolver } = await startRest({ url, unknown_status: [204] });
    expect(await resolver.locate(ADDRESS)).toBeUndefined();
  });
});

describe("data at fault", () => {
  it.each<[string, object, readonly string[], readonly string[] | undefined]>([
    ["several servers", { web2: { cabinet: "b" }, web1: { cabinet: "a" } }, ["several-servers"], ["a"]],
    [
      "several servers, the first without a place",
      { web2: { cabinet: "b" }, web1: {} },
      ["several-servers", "place-missing"],
      ["b"],
    ],
    ["no cabinet", { web1: { row: "r" } }, ["place-missing"], undefined],
    ["a cabinet that is no name", { web1: { cabinet: { name: "r" } } }, ["place-missing"], undefined],
    ["a slash in a name", { web1: { cabinet: "r/1" } }, ["path-faulty"], undefined],
  ])("is told and gets one answer: %s", async (_, body, expected, path) => {
    const { resolver, events, faults } = await startRest({ url: await answering(JSON.stringify(body)) });
    expect((await resolver.locate(ADDRESS))?.path).toEqual(path);
    expect(faults()).toEqual(expected);
    for (const event of events) expect(event).toMatchObject({ problem: expect.stringContaining(LOOKUP) as string });
  });

  it("is told of a level with several names, of which the first counts", async () => {
    const url = await answering('{"web1": {"tags": [{"rack": "b"}, {"rack": "a"}, {"other": 1}, {"rack": "b"}]}}');
    const { resolver, faults } = await startRest({ url, levels: { rack: "/tags/*/rack" } });
    expect(await resolver.locate(ADDRESS)).toMatchObject({ path: ["a"] });
    expect(faults()).toEqual(["several-places"]);
  });

  // As NetBox's documentation and its serializers have them, shortened.
  const assignedTo = (assigned: object | null) => ({
    count: 1,
    next: null,
    previous: null,
    results: [{ id: 1, assigned_object: assigned }],
  });
  const device = { id: 2230, name: "router1", site: { slug: "ams1" }, location: null, rack: { id: 5, name: "R204" } };

  async function startNetbox(assigned: object | null, levels?: string[]) {
    const url = await serve(({ url: asked = "" }, response) => {
      const isDevice = asked.startsWith("/api/dcim/devices/2230/?");
      response.end(JSON.stringify(isDevice ? device : assignedTo(assigned)));
    });
    return startRest({ url, preset: "netbox" }, levels && { levels });
  }

  it.each<[string, object | null]>([
    ["nothing", null],
    ["a virtual machine", { id: 3, name: "eth0", virtual_machine: { id: 9, name: "vm1" } }],
  ])("is an address in NetBox that is assigned to %s", async (_, assigned) => {
    const { resolver, events } = await startNetbox(assigned);
    expect(await resolver.locate(ADDRESS)).toBeUndefined();
    expect(events).toMatchObject([
      {
        fault: "leads-nowhere",
        problem: expect.stringContaining("without /results/0/assigned_object/device/id") as string,
      },
    ]);
  });

  it("is a device in NetBox without a location where one must be", async () => {
    const assigned = { id: 114771, name: "eth0", device: { id: 2230, name: "router1" } };
    const flat = await startNetbox(assigned, ["site", "rack"]);
    expect(await flat.resolver.locate(ADDRESS)).toMatchObject({ path: ["ams1", "R204"] });
    const deep = await startNetbox(assigned, ["site", "location", "rack"]);
    expect(await deep.resolver.locate(ADDRESS)).toBeUndefined();
    expect(deep.events).toMatchObject([
      {
        fault: "place-missing",
        problem: expect.stringContaining('"router1" without a name at /location/slug') as string,
      },
    ]);
  });

  it("is an answer that leads to many others, of which no more than sixteen are asked", async () => {
    let asked = 0;
    const many = { ids: Array.from({ length: 40 }, (_, id) => ({ id })) };
    const url = await serve(({ url: path = "" }, response) => {
      if (path.startsWith("/of/")) asked++;
      response.end(JSON.stringify(path.startsWith("/of/") ? { name: path, rack: "r1" } : many));
    });
    const { resolver, faults } = await startRest({
      url,
      path: "/at/{address}",
      follow: [{ each: "/ids/*", take: { id: "/id" }, path: "/of/{id}" }],
      hosts: "",
      host_name: "/name",
      levels: { rack: "/rack" },
    });
    expect(await resolver.locate(ADDRESS)).toMatchObject({ path: ["r1"] });
    expect(asked).toBe(16);
    expect(faults()).toEqual(["several-servers", "several-servers"]);
  });
});
