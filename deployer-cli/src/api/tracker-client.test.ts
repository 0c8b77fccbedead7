import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createTrackerClient, type TrackerClient } from "./tracker-client.ts";

let server: Server | undefined;
afterEach(() => void server?.close());

async function serve(
  listener: RequestListener,
  token?: string,
  signal = new AbortController().signal,
): Promise<TrackerClient> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return createTrackerClient({ url: `http://127.0.0.1:${port}`, token, signal });
}

function problem(status: number, code: string, detail: string): RequestListener {
  return (_, response) => {
    response.writeHead(status, { "content-type": "application/problem+json", connection: "close" });
    response.end(JSON.stringify({ type: "about:blank", title: code, status, code, detail }));
  };
}

const NOTHING: RequestListener = (_, response) => {
  response.writeHead(200, { "content-type": "application/json", connection: "close" }).end('{"transfers":[]}');
};

describe("calls to the tracker", () => {
  it("are repeated while it is away for a moment", async () => {
    let calls = 0;
    const client = await serve((request, response) => {
      calls++;
      if (calls === 1) request.socket.destroy();
      else if (calls === 2) problem(503, "NOT_READY", "starting")(request, response);
      else NOTHING(request, response);
    });
    expect(await client.list()).toEqual([]);
    expect(calls).toBe(3);
  });

  it("send the torrent as it is, each time again, and the token", async () => {
    const bodies: Buffer[] = [];
    const torrent = Buffer.from([0x64, 0xff, 0x00, 0x65]);
    const client = await serve((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        bodies.push(Buffer.concat(chunks));
        const { authorization } = request.headers;
        const type = request.headers["content-type"];
        if (bodies.length === 1) problem(500, "X", "once")(request, response);
        else problem(400, "TORRENT_MALFORMED", `${authorization} ${type}`)(request, response);
      });
    }, "secret");
    await expect(client.register(torrent)).rejects.toThrow("Bearer secret application/x-bittorrent");
    expect(bodies).toEqual([torrent, torrent]);
  });

  it("bring a release's files as they are, and no signature for an unsigned release", async () => {
    const bytes = Buffer.from([0x64, 0xff, 0x00, 0x65]);
    const files: Record<string, [type: string, body: Uint8Array | string]> = {
      "/transfers/ab/torrent": ["application/x-bittorrent", bytes],
      "/transfers/ab/manifest": ["text/plain; charset=utf-8", "# ü\n"],
      "/transfers/ab/signature": ["application/octet-stream", bytes],
    };
    const client = await serve((request, response) => {
      const [type, body] = files[request.url ?? ""] ?? [];
      if (type === undefined) problem(404, "SIGNATURE_MISSING", "said so")(request, response);
      else response.writeHead(200, { "content-type": type, connection: "close" }).end(body);
    });
    expect(Buffer.from(await client.torrent("ab"))).toEqual(bytes);
    expect(await client.manifest("ab")).toBe("# ü\n");
    expect(Buffer.from((await client.signature("ab"))!)).toEqual(bytes);
    expect(await client.signature("cd")).toBeUndefined();
    await expect(client.torrent("cd")).rejects.toThrow("said so");
  });

  it.each([
    [400, "TORRENT_NOT_PRIVATE", "TORRENT_NOT_PRIVATE", /^said so$/],
    [409, "NAME_TAKEN", "NAME_TAKEN", /said so\n.*rackcast deactivate.*--name/],
    [409, "ACCOUNTING_OFF", "ACCOUNTING_OFF", /^said so$/],
    [401, "TOKEN_MISSING", "NOT_AUTHORIZED", /said so\n.*RACKCAST_TOKEN/],
    [403, "LOOPBACK_ONLY", "NOT_AUTHORIZED", /said so\n.*RACKCAST_TOKEN.*tracker's host/],
    [422, "SOMETHING_NEW", "TRACKER_REFUSED", /said so/],
  ])(
    "turn a refusal %i %s into an error that keeps its words and adds the remedy",
    async (status, code, expected, message) => {
      const client = await serve(problem(status, code, "said so"));
      await expect(client.register(Buffer.from("x"))).rejects.toMatchObject({
        code: expected,
        message: expect.stringMatching(message),
      });
    },
  );

  it("say so when something else answers there", async () => {
    const client = await serve(
      (_, response) => void response.writeHead(200, { connection: "close" }).end("<html>hello</html>"),
    );
    for (const call of [async () => client.list(), async () => client.manifest("ab")])
      await expect(call()).rejects.toMatchObject({
        code: expect.stringMatching(/^TRACKER_/),
        message: expect.stringMatching(/no Rackcast tracker/),
      });
  });

  it("end with the URL and the remedy when nobody answers", async () => {
    const client = await serve(NOTHING);
    await new Promise((resolve) => server?.close(resolve));
    await expect(client.list()).rejects.toMatchObject({
      code: "TRACKER_UNREACHABLE",
      message: expect.stringMatching(new RegExp(`${client.url} \\(connection refused\\)\\.\n.*rackcast tracker`)),
    });
  });

  it("end with the reason of an interruption while they wait", async () => {
    const interruption = new AbortController();
    const reason = new Error("interrupted");
    const client = await serve(() => interruption.abort(reason), undefined, interruption.signal);
    await expect(client.list()).rejects.toBe(reason);
    server?.closeAllConnections();
  });
});
