// TLS as the tracker process speaks it: the same answers on a second port, with certificates that are read again.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { Agent, get } from "node:https";
import { type AddressInfo, connect as connectTcp, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer, text } from "node:stream/consumers";
import { connect, type TLSSocket } from "node:tls";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeCertificates } from "../support/certificates.ts";
import { RUN_ENVIRONMENT } from "../support/run-environment.ts";

const MAIN = join(import.meta.dirname, "../../tracker/src/main.ts");
const QUERY = `info_hash=${"%aa".repeat(20)}&peer_id=-lt0D80-abcdefghijkl&port=6881&uploaded=0&downloaded=0&left=1`;

let folder: string;
let children: ChildProcess[];
let ca: Buffer;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rackcast-tls-"));
  children = [];
  ca = issue();
});
afterEach(async () => {
  for (const child of children) if (child.exitCode === null && child.signalCode === null) await end(child, "SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

/** Puts a certificate of a new authority in place of what is there. */
function issue(): Buffer {
  const made = mkdtempSync(join(folder, "certificates-"));
  const { caFile, certFile, keyFile } = makeCertificates(made);
  copyFileSync(certFile, join(folder, "cert.pem"));
  copyFileSync(keyFile, join(folder, "key.pem"));
  return readFileSync(caFile);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

interface Tracker {
  readonly child: ChildProcess;
  readonly port: number;
  readonly log: () => string;
}

async function start(): Promise<Tracker> {
  const port = await freePort();
  const child = run("--tls-port", `${port}`, "--tls-cert", "cert.pem", "--tls-key", "key.pem");
  let log = "";
  child.stderr!.on("data", (chunk: Buffer) => (log += chunk.toString()));
  await Promise.race([once(child.stdout!, "data"), once(child, "close")]);
  expect(child.exitCode, log).toBeNull();
  return { child, port, log: () => log };
}

function run(...args: string[]): ChildProcess {
  const flags = ["--disable-warning=ExperimentalWarning", "--conditions=@rackcast/source"];
  const place = ["--host", "127.0.0.1", "--port", "0", "--data-dir", "data"];
  const child = spawn(process.execPath, [...flags, MAIN, ...place, ...args], {
    cwd: folder,
    env: RUN_ENVIRONMENT,
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  return child;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  const closed = once(child, "close") as Promise<[number | null]>;
  child.kill(signal);
  return (await closed)[0];
}

async function ask(port: number, path: string, options: object = {}): Promise<string> {
  const [response] = (await once(get({ host: "127.0.0.1", port, path, ca, ...options }), "response")) as [
    IncomingMessage,
  ];
  return (await buffer(response)).toString("latin1");
}

async function statusOf(port: number, path: string, headers: Record<string, string>): Promise<number | undefined> {
  const [response] = (await once(get({ host: "127.0.0.1", port, path, ca, headers }), "response")) as [IncomingMessage];
  return response.resume().statusCode;
}

async function authorityOf(port: number, trusted: Buffer): Promise<boolean> {
  const socket: TLSSocket = connect({ host: "127.0.0.1", port, ca: trusted, rejectUnauthorized: false });
  await once(socket, "secureConnect");
  socket.destroy();
  return socket.authorized;
}

describe("the tracker's TLS port", () => {
  it("answers announces, many on one connection, control calls and upgrades, and stops in time", async () => {
    const { child, port } = await start();
    const agent = new Agent({ keepAlive: true, maxSockets: 1, ca });
    for (let round = 0; round < 3; round++) {
      expect(await ask(port, `/announce?${QUERY}`, { agent })).toMatch(/^d14:failure reason\d+:unknown transfer/);
    }
    expect(JSON.parse(await ask(port, "/transfers", { agent }))).toEqual(expect.anything());
    expect(await ask(port, `/announce?${QUERY}`, { agent })).toContain("unknown transfer");
    expect(await statusOf(port, "/nowhere", { Connection: "Upgrade", Upgrade: "websocket" })).toBe(404);
    const pipelined = connect({ host: "127.0.0.1", port, ca });
    const one = `GET /announce?${QUERY} HTTP/1.1\r\nHost: x\r\n\r\n`;
    pipelined.write(one.repeat(20) + one.replace("Host: x", "Host: x\r\nConnection: close"));
    expect((await text(pipelined)).match(/unknown transfer/g)).toHaveLength(21);
    const idle = connectTcp({ host: "127.0.0.1", port });
    await once(idle, "connect");
    const stopped = Date.now();
    expect(await end(child, "SIGTERM")).toBe(0);
    expect(Date.now() - stopped).toBeLessThan(5000);
    agent.destroy();
    idle.destroy();
  });

  it("reads its certificate again on SIGHUP, and keeps it when the new one is faulty", async () => {
    const { child, port, log } = await start();
    expect(await authorityOf(port, ca)).toBe(true);
    const next = issue();
    child.kill("SIGHUP");
    await expect.poll(() => authorityOf(port, next), { timeout: 5000 }).toBe(true);
    writeFileSync(join(folder, "cert.pem"), "no certificate");
    child.kill("SIGHUP");
    await expect.poll(log, { timeout: 5000 }).toContain("certificate refused; the one before stays");
    expect(await authorityOf(port, next)).toBe(true);
  });

  it("is not started with files that are missing or do not belong together", async () => {
    mkdirSync(join(folder, "other"));
    const { keyFile } = makeCertificates(join(folder, "other"));
    for (const [key, problem] of [
      ["nowhere.pem", /^nowhere\.pem cannot be read \(ENOENT.*; give a certificate and its key/],
      [keyFile, /^cert\.pem and .* are no certificate and its key \(.*mismatch\); give a certificate/],
    ] as const) {
      const child = run("--tls-port", `${await freePort()}`, "--tls-cert", "cert.pem", "--tls-key", key);
      const [said, [code]] = await Promise.all([text(child.stderr!), once(child, "close") as Promise<[number]>]);
      expect(said.split("\n").at(-2)).toMatch(problem);
      expect(code).toBe(1);
    }
  });
});
