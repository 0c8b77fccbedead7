import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createRtorrentControl } from "./rtorrent-control.ts";
import { parseScgiResponse, printScgiRequest } from "./scgi.ts";

describe("SCGI", () => {
  it("prints the example of the protocol's text, shortened to the headers that are required", () => {
    expect(printScgiRequest(Buffer.from("What is the answer to life?")).toString("latin1")).toBe(
      "25:CONTENT_LENGTH\x0027\0SCGI\x001\0,What is the answer to life?",
    );
  });

  it("takes what follows the headers for the body, empty lines in it included", () => {
    expect(parseScgiResponse(Buffer.from("Status: 200 OK\r\n\r\na\r\n\r\nb")).toString()).toBe("a\r\n\r\nb");
    expect(() => parseScgiResponse(Buffer.from("Status: 200 OK"))).toThrow(SyntaxError);
  });
});

describe("an rtorrent that cannot be reached", () => {
  let folder: string;
  let server: Server | undefined;
  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "rackcast-scgi-"))));
  afterEach(async () => {
    server?.close();
    server = undefined;
    await rm(folder, { recursive: true });
  });

  it("is reported with the socket and what to do", async () => {
    const socketPath = join(folder, "none.sock");
    const failure = await createRtorrentControl(socketPath)
      .list()
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "RTORRENT_UNREACHABLE" });
    expect(String(failure)).toContain(socketPath);
    expect(String(failure)).toMatch(/Start rtorrent/);
  });

  it("is told from something else that listens there", async () => {
    const socketPath = join(folder, "other.sock");
    server = createServer((socket) => socket.on("data", () => socket.end("HTTP/1.1 200 OK\r\n\r\n<html></html>")));
    await new Promise<void>((resolve) => server?.listen(socketPath, resolve));
    await expect(createRtorrentControl(socketPath).pid()).rejects.toMatchObject({
      code: "RTORRENT_UNREACHABLE",
      cause: expect.any(SyntaxError),
    });
  });
});
