// The rest resolver in front of services that fail: every failure is told in time, and names the URL and the remedy.
import { mkdtempSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createServer as createTlsServer } from "node:https";
import type { Socket } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { makeCertificates } from "../support/certificates.ts";
import { startTestSmdb } from "../support/reference-smdb.ts";
import {
  ADDRESS,
  answering,
  failureOf,
  listen,
  LOOKUP,
  onceAsked,
  serve,
  startRest,
  temporaryFolder,
  TIMEOUT_MS,
} from "./rest-world.ts";

describe("a service that fails", () => {
  const endless = (socket: Socket) => {
    socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
    const chunk = `ffff\r\n${" ".repeat(0xffff)}\r\n`;
    const pour = () => {
      while (!socket.destroyed && socket.write(chunk));
    };
    socket.on("drain", pour);
    pour();
  };
  const large = JSON.stringify({ web1: { cabinet: "x".repeat(2 ** 20) } });
  const redirectingTo = (location: (path: string) => string) => () =>
    serve(({ url = "" }, response) => void response.writeHead(302, { location: location(url) }).end());

  it.each<[string, () => Promise<string>, string, string]>([
    ["answers 500", () => answering("{}", 500), "answers with status 500", "check that the service"],
    ["answers 401", () => answering("{}", 401), "answers with status 401", "correct the token"],
    ["answers 429", () => answering("{}", 429), "answers with status 429", "lower connections"],
    ["answers garbage", () => answering('{"web1": {"cab'), "answers what is no JSON", "correct url and path"],
    ["answers a page", () => answering("<!doctype html>"), "answers what is no JSON", "correct url and path"],
    ["answers no UTF-8", () => answering(Buffer.from('"\xe9"', "latin1")), "answers what is no JSON", "correct url"],
    ["answers text", () => answering('"rack1"'), "answers something without /*", "correct url, path and preset"],
    ["answers with nothing", () => answering(""), "answers with nothing", "correct url and path"],
    ["answers more than 1 MiB", () => answering(large), "answers with more than 1 MiB", "correct path"],
    ["answers without end", () => onceAsked(endless), "answers with more than 1 MiB", "correct path"],
    ["redirects in a circle", redirectingTo((path) => path), "redirects more than 3 times", "correct url and path"],
    [
      "redirects elsewhere",
      redirectingTo((path) => `http://user:s3cret@192.0.2.1:81${path}?key=s3cret`),
      `redirects elsewhere, to http://192.0.2.1:81${LOOKUP};`,
      "write in url where the service really is",
    ],
    ["redirects nowhere", () => serve((_, response) => void response.writeHead(302).end()), "status 302", "check that"],
    ["accepts and is silent", () => onceAsked(() => {}), "has not answered within 0.5 s", "raise the timeout"],
    [
      "stops in the middle",
      () => onceAsked((socket) => void socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{")),
      "has not answered within 0.5 s",
      "raise the timeout",
    ],
    [
      "closes its half in the middle",
      () => onceAsked((socket) => void socket.end("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{")),
      "ended the connection without a whole answer",
      "check that the service",
    ],
    ["hangs up", () => onceAsked((socket) => socket.destroy()), "ended the connection", "check that the service"],
    ["closes its half at once", () => onceAsked((socket) => void socket.end()), "ended the connection", "check that"],
    [
      "speaks no HTTP",
      () => onceAsked((socket) => void socket.write("220 ready\r\n")),
      "what is no HTTP",
      "correct url",
    ],
    ["is not there", async () => "http://127.0.0.1:1", "refuses the connection", "start the service"],
    ["has no name", async () => "http://smdb.invalid", "has a host name that DNS", ""],
  ])("which %s", async (_, serving, problem, remedy) => {
    const url = await serving();
    const { resolver } = await startRest({ url, token: "s3cret", headers: { "x-key": "s3cret" } });
    const startedAt = performance.now();
    const { code, message } = await failureOf(resolver);
    expect(performance.now() - startedAt).toBeLessThan(TIMEOUT_MS + 1500);
    expect(code).toBe("RESOLVER_FAILED");
    expect(message).toContain(`resolver smdb: ${url}${LOOKUP} `);
    expect(message).toContain(problem);
    expect(message.split("; ").slice(1).join("; ")).toContain(remedy);
    expect(message).not.toContain("s3cret");
  });

  it("is given up after the time-out, all requests of a lookup together", async () => {
    const smdb = await startTestSmdb([{ name: "web1", addresses: [ADDRESS], cabinet: "rack1" }]);
    onTestFinished(() => smdb.close());
    smdb.setFaults({ delayMs: 5000 });
    const { resolver } = await startRest({ url: smdb.url });
    expect((await failureOf(resolver)).message).toContain("has not answered within 0.5 s");
    smdb.setFaults({ delayMs: 350 });
    const netbox = await startRest({ url: smdb.url, preset: "netbox" });
    expect((await failureOf(netbox.resolver)).message).toContain("/api/dcim/devices/1/?exclude=… has not answered");
    smdb.setFaults({});
    expect(await resolver.locate(ADDRESS)).toEqual({ path: ["rack1"], resolver: "smdb" });
  });

  it("holds up nobody once the resolver is closed", async () => {
    const { resolver } = await startRest({ url: await onceAsked(() => {}) }, { timeoutMs: 60_000 });
    const failure = failureOf(resolver);
    await new Promise((done) => setTimeout(done, 100));
    await resolver.close();
    expect((await failure).message).toContain("the resolver was closed");
  });
});

describe("certificates", () => {
  async function startTls(): Promise<{ url: string; caFile: string; folder: string }> {
    const folder = temporaryFolder();
    const { caFile, certFile, keyFile } = makeCertificates(folder);
    const tls = { cert: readFileSync(certFile), key: readFileSync(keyFile) };
    const server = createTlsServer(tls, (_, response) => void response.end('{"web1": {"cabinet": "rack1"}}'));
    return { url: (await listen(server)).replace("http:", "https:"), caFile, folder };
  }

  it("of an authority that is not known here are refused, and taken with ca_file", async () => {
    const { url, caFile } = await startTls();
    const { message } = await failureOf((await startRest({ url })).resolver);
    expect(message).toContain(`${url}${LOOKUP} has a certificate of an authority that is not trusted here`);
    expect(message).toContain("set ca_file to the certificate of its authority");
    const { resolver } = await startRest({ url, ca_file: caFile });
    expect(await resolver.locate(ADDRESS)).toMatchObject({ path: ["rack1"] });
  });

  it("for another name are refused", async () => {
    const { url, caFile } = await startTls();
    const { resolver } = await startRest({ url: url.replace("127.0.0.1", "localhost"), ca_file: caFile });
    expect((await failureOf(resolver)).message).toMatch(
      /certificate for another name; write a name that the certificate/,
    );
  });

  it("are missed where there is no TLS, and the other way round", async () => {
    const plain = (await answering("{}")).replace("http:", "https:");
    expect((await failureOf((await startRest({ url: plain })).resolver)).message).toMatch(
      /does not speak TLS; .*http:\/\//,
    );
    const { url } = await startTls();
    const { message } = await failureOf((await startRest({ url: url.replace("https:", "http:") })).resolver);
    expect(message).toContain("resolver smdb: http://127.0.0.1");
  });

  it("are read again when their file is replaced, and a file without any is refused", async () => {
    const { url, caFile, folder } = await startTls();
    const trusted = join(folder, "trusted.pem");
    const other = makeCertificates(mkdtempSync(join(folder, "other-"))).caFile;
    const replaceBy = (text: string | Buffer) => {
      writeFileSync(`${trusted}.new`, text);
      renameSync(`${trusted}.new`, trusted);
    };
    replaceBy(readFileSync(other));
    const { resolver, faults } = await startRest({ url, ca_file: trusted });
    expect((await failureOf(resolver)).message).toContain("not trusted here");
    replaceBy(readFileSync(caFile));
    await vi.waitFor(() => expect(faults()).toEqual(["reloaded"]), 10_000);
    expect(await resolver.locate(ADDRESS)).toMatchObject({ path: ["rack1"] });
    replaceBy("none");
    await resolver.reload();
    expect(faults()).toContain("refused");
    expect(await resolver.locate(ADDRESS)).toMatchObject({ path: ["rack1"] });
  });
});
