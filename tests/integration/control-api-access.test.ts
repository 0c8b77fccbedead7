import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createApi } from "../../tracker/src/api/api.ts";
import type { ApiParts } from "../../tracker/src/api/api-parts.ts";
import { startWorld, torrent, type World } from "./control-api-world.ts";

const TOKEN = "s3cret-token";
const APP = torrent("app");

let world: World | undefined;
afterEach(async () => {
  await world?.close();
  world = undefined;
});

function start(apiToken?: string, change: Partial<ApiParts> = {}): World {
  return (world = startWorld({ settings: { apiToken, unknownRack: "shared" }, ...change }));
}

describe("without a token", () => {
  it.each(["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])("control calls from %s are answered", async (from) => {
    expect((await start().call("GET", "/transfers", { from })).status).toBe(200);
  });

  it.each(["10.0.0.5", "2001:db8::127", "::ffff:10.0.0.5", "192.168.127.1"])(
    "control calls from %s are refused, naming API_TOKEN",
    async (from) => {
      const calls = start();
      for (const url of ["/transfers", "/openapi.json", `/transfers/${APP.infoHash}`]) {
        const answer = await calls.call("GET", url, { from });
        expect(answer.json).toMatchObject({
          status: 403,
          code: "LOOPBACK_ONLY",
          detail: expect.stringMatching(/API_TOKEN/),
        });
      }
      expect((await calls.publish(APP, { from })).status).toBe(403);
      expect(await calls.parts.registry.list()).toEqual([]);
    },
  );

  it.each(["x-forwarded-for", "x-real-ip", "forwarded"])("a proxy on this host is not this host (%s)", async (name) => {
    const answer = await start().call("GET", "/transfers", { headers: { [name]: "127.0.0.1" } });
    expect(answer.json).toMatchObject({ status: 403, code: "LOOPBACK_ONLY", detail: expect.stringContaining(name) });
  });

  it.each([
    ["http://evil.example", 403],
    ["null", 403],
    ["http://127.0.0.1.evil.example", 403],
    ["http://localhost:6969", 200],
    ["http://127.0.0.1:6969", 200],
  ])("a page of %s in a browser on this host gets %i", async (origin, status) => {
    expect((await start().call("GET", "/transfers", { headers: { origin } })).status).toBe(status);
  });
});

describe("with a token", () => {
  it("bearers are answered wherever they are, behind a proxy too", async () => {
    const headers = { authorization: `Bearer ${TOKEN}`, "x-forwarded-for": "192.0.2.1" };
    expect((await start(TOKEN).call("GET", "/transfers", { headers, from: "10.0.0.5" })).status).toBe(200);
  });

  it.each([
    [{}, 401, "TOKEN_MISSING"],
    [{ authorization: "" }, 401, "TOKEN_MISSING"],
    [{ authorization: `Basic ${TOKEN}` }, 401, "TOKEN_MISSING"],
    [{ authorization: TOKEN }, 401, "TOKEN_MISSING"],
    [{ authorization: "Bearer wrong" }, 403, "TOKEN_WRONG"],
    [{ authorization: `Bearer ${TOKEN}x` }, 403, "TOKEN_WRONG"],
    [{ authorization: `Bearer ${TOKEN.slice(0, -1)}` }, 403, "TOKEN_WRONG"],
  ])("a call with %j is refused, from this host too", async (headers, status, code) => {
    const answer = await start(TOKEN).call("GET", "/transfers", { headers: { ...headers } });
    expect(answer.json).toMatchObject({ status, code, detail: expect.stringMatching(/API_TOKEN/) });
    expect(answer.headers["www-authenticate"]).toBe(status === 401 ? "Bearer" : undefined);
    expect(answer.raw.toString()).not.toContain(TOKEN);
  });
});

describe("health", () => {
  it("is told to everybody, token or not", async () => {
    const calls = start(TOKEN, { checks: { store: () => undefined, registry: async () => {} } });
    const alive = await calls.call("GET", "/healthz", { from: "10.0.0.5" });
    expect([alive.status, alive.json]).toEqual([200, { status: "ok" }]);
    const ready = await calls.call("GET", "/readyz", { from: "10.0.0.5" });
    expect([ready.status, ready.json]).toEqual([200, { status: "ready", checks: { store: "ok", registry: "ok" } }]);
  });

  it("is 503 while a check throws or does not end, which names the part but tells the reason to the log only", async () => {
    const failing = () => {
      throw new Error("10.1.2.3 refused");
    };
    const calls = start(undefined, { checks: { a: failing, b: () => new Promise(() => {}), c: () => undefined } });
    const answer = await calls.call("GET", "/readyz");
    expect(answer.status).toBe(503);
    expect(answer.json).toEqual({
      status: "unready",
      checks: { a: expect.any(String), b: expect.any(String), c: "ok" },
    });
    expect(answer.raw.toString()).not.toContain("10.1.2.3");
    expect(calls.logged.map(({ details }) => details["check"])).toEqual(["a", "b"]);
  });
});

describe("on one server with a front end", () => {
  it("answers what the front end leaves, and errors of the connection go to the handler given", async () => {
    const broken: string[] = [];
    let server: Server | undefined;
    const { parts } = start();
    const api = createApi({
      ...parts,
      serverFactory: (handler) =>
        (server = createServer((incoming, response) => {
          if (incoming.url === "/announce") response.end("front end");
          else handler(incoming, response);
        })),
      onClientError: (error, socket) => {
        broken.push(error.code ?? "");
        socket.end("bye");
      },
    });
    await api.listen({ host: "127.0.0.1", port: 0 });
    const { port } = server!.address() as AddressInfo;
    expect(await (await fetch(`http://127.0.0.1:${port}/announce`)).text()).toBe("front end");
    expect(await (await fetch(`http://127.0.0.1:${port}/healthz`)).json()).toEqual({ status: "ok" });
    connect(port, "127.0.0.1").end("\0\0 no http\r\n\r\n");
    await expect.poll(() => broken).toEqual([expect.stringMatching(/^HPE_/)]);
    await api.close();
  });
});
