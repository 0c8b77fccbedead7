// A tracker that is started as root and runs as somebody else; as anybody but root these tests are skipped.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { torrent } from "./control-api-world.ts";
import { RUN_ENVIRONMENT } from "../support/run-environment.ts";

const MAIN = join(import.meta.dirname, "../../tracker/src/main.ts");
const NOBODY = 65534;
const isRoot = process.getuid?.() === 0;
if (!isRoot) console.warn("SKIPPED: dropping privileges is tested as root only; run the tests as root");

let folder: string;
let data: string;
let children: ChildProcess[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rackcast-privileges-"));
  data = join(folder, "data");
  children = [];
  if (isRoot) chownSync(folder, NOBODY, NOBODY);
});
afterEach(async () => {
  for (const child of children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)) {
    child.kill("SIGKILL");
    await once(child, "close");
  }
  rmSync(folder, { recursive: true });
});

/** `before` is put in front of the tracker's command line. */
function run(args: readonly string[], before: readonly string[] = []): ChildProcess {
  const node = [process.execPath, "--disable-warning=ExperimentalWarning", "--conditions=@rackcast/source", MAIN];
  const [command = "", ...rest] = [...before, ...node, "--host", "127.0.0.1", "--data-dir", data, ...args];
  const child = spawn(command, rest, {
    cwd: folder,
    env: { ...RUN_ENVIRONMENT, HOME: "/root" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  return child;
}

async function start(...args: string[]): Promise<{ child: ChildProcess; url: string; port: number }> {
  const child = run(args);
  const refused = text(child.stderr!);
  const line = await Promise.race([once(child.stdout!, "data").then(String), refused]);
  const url = /http:\S+/.exec(line)?.[0];
  if (url === undefined) throw new Error(`the tracker did not start: ${line}`);
  return { child, url, port: Number(new URL(url).port) };
}

async function refusal(args: readonly string[], before?: readonly string[]): Promise<[number | null, string]> {
  const child = run(args, before);
  const stderr = await text(child.stderr!);
  if (child.exitCode === null) await once(child, "close");
  return [child.exitCode, stderr];
}

/** One that only root may listen on. */
async function freeLowPort(): Promise<number> {
  for (let port = 1023; port > 800; port--) {
    const server = createServer().listen(port, "127.0.0.1");
    const free = await Promise.race([
      once(server, "listening").then(() => true),
      once(server, "error").then(() => false),
    ]);
    server.close();
    if (free) return port;
  }
  throw new Error("no low port is free");
}

/** Real, effective, saved and file system id of every thread, as the kernel has them. */
function idsOf({ pid }: ChildProcess): Record<string, string[]>[] {
  return readdirSync(`/proc/${pid}/task`).map((thread) => {
    const status = readFileSync(`/proc/${pid}/task/${thread}/status`, "utf8");
    const of = (name: string) => new RegExp(`^${name}:\\s*(.*)$`, "m").exec(status)?.[1]?.trim().split(/\s+/) ?? [];
    return { uid: of("Uid"), gid: of("Gid"), groups: of("Groups"), capabilities: of("CapEff") };
  });
}

const register = (url: string) =>
  fetch(`${url}/transfers`, {
    method: "POST",
    headers: { "content-type": "application/x-bittorrent" },
    body: new Uint8Array(torrent("app").bytes),
  });

describe.skipIf(!isRoot)("a tracker that is started as root with RUN_AS", () => {
  it.each(["nobody", "nobody:nogroup", `${NOBODY}:${NOBODY}`])(
    "has its low port, is %s for good, and can write all that it writes",
    async (runAs) => {
      const port = await freeLowPort();
      const first = await start("--port", `${port}`, "--run-as", runAs, "--snapshot-every", "0.1");
      const four = Array.from({ length: 4 }, () => `${NOBODY}`);
      const dropped = { uid: four, gid: four, groups: [`${NOBODY}`], capabilities: ["0".repeat(16)] };
      for (const ids of idsOf(first.child)) expect(ids).toEqual(dropped);
      const { infoHash } = torrent("app");
      expect((await register(first.url)).status).toBe(201);
      expect((await fetch(`${first.url}/transfers/${infoHash}/activate`, { method: "POST" })).status).toBe(200);
      const query = `info_hash=${infoHash.replace(/../g, "%$&")}&peer_id=-LT2080-abcdefghijkl&port=1&uploaded=0&downloaded=0&left=1`;
      expect(await (await fetch(`${first.url}/announce?${query}`)).text()).toContain("8:interval");
      first.child.kill("SIGTERM");
      await once(first.child, "close");
      expect(first.child.exitCode).toBe(0);
      for (const name of readdirSync(data)) expect([name, statSync(join(data, name)).uid]).toEqual([name, NOBODY]);

      const second = await start("--port", "0", "--run-as", runAs);
      expect(await (await fetch(`${second.url}/transfers/${infoHash}`)).json()).toMatchObject({
        state: "active",
        hosts: [{ address: "127.0.0.1" }],
      });
    },
  );

  it("is refused a data folder, and files in it, that are not the user's", async () => {
    mkdirSync(data);
    const message = /^nobody cannot use the data folder \S+data \(.*\); make the folder .* that user's by chown -R, or/;
    expect(await refusal(["--port", "0", "--run-as", "nobody"])).toEqual([1, expect.stringMatching(message)]);
    const asRoot = await start("--port", "0");
    asRoot.child.kill("SIGTERM");
    await once(asRoot.child, "close");
    chownSync(data, NOBODY, NOBODY);
    expect(await refusal(["--port", "0", "--run-as", "nobody"])).toEqual([1, expect.stringMatching(message)]);
  });

  it("is refused a topology file that the user may not read, at once and not at its first change", async () => {
    const file = join(folder, "racks");
    writeFileSync(file, "10.0.0.0/8 rack1\n", { mode: 0o600 });
    expect(await refusal(["--port", "0", "--run-as", "nobody", "--topology-file", file])).toEqual([
      1,
      expect.stringMatching(/^cannot read \S+racks: EACCES/),
    ]);
  });

  it("starts programs that say where hosts are as the user for good, before it is that itself and afterwards", async () => {
    const ids = join(folder, "ids");
    // What a shell and what a program that tries has for its real, effective, saved and file system ids.
    const tellIds = `grep -h ^[UG]id: /proc/self/status /proc/$$/status >> ${ids}`;
    const script = (name: string, body: string) => {
      writeFileSync(join(folder, name), `#!/bin/sh\n${tellIds}\n${body}\n`, { mode: 0o755 });
      return join(folder, name);
    };
    const listed = { _meta: { hostvars: { web1: { ansible_host: "10.0.0.1", rack: "rack1" } } } };
    const list = script("list", `echo '${JSON.stringify(listed)}'`);
    const whereIs = script("where-is", "echo rack2");
    const chain = [
      { type: "ansible", inventory: [folder], command: [list] },
      { type: "command", command: [whereIs] },
    ];
    const { url } = await start("--port", "0", "--run-as", "nobody", "--resolvers", JSON.stringify(chain));
    const seen = () => readFileSync(ids, "utf8").trim().split("\n");
    const four = Array.from({ length: 4 }, () => `\t${NOBODY}`).join("");
    const dropped = [`Uid:${four}`, `Gid:${four}`];
    expect(seen()).toEqual([...dropped, ...dropped]);
    const place = async (address: string) => await (await fetch(`${url}/topology/${address}`)).json();
    expect(await place("10.0.0.1")).toMatchObject({ path: ["rack1"] });
    expect(await place("10.0.0.2")).toMatchObject({ path: ["rack2"] });
    expect(seen()).toEqual([...dropped, ...dropped, ...dropped, ...dropped]);
  });

  it("lists an inventory by Ansible, though that user's home is root's", async () => {
    const inventory = join(folder, "hosts");
    writeFileSync(inventory, "web1 ansible_host=10.0.0.1 rack=rack1\n");
    const chain = JSON.stringify([{ type: "ansible", inventory: [inventory] }]);
    const { url } = await start("--port", "0", "--run-as", "nobody", "--resolvers", chain);
    expect(await (await fetch(`${url}/topology/10.0.0.1`)).json()).toMatchObject({ path: ["rack1"] });
  }, 30_000);

  it.each([
    ["no-such-user", /^there is no user no-such-user; name a user/],
    ["nobody:no-such-group", /^there is no group no-such-group; name a user/],
    ["54321", /^54321 is no user with a group of its own; name a user .* or two numbers$/m],
    ["root", /^root is root itself; name a user other than root/],
  ])("is told of %s", async (runAs, message) => {
    expect(await refusal(["--port", "0", "--run-as", runAs])).toEqual([1, expect.stringMatching(message)]);
  });

  it("is refused when it is not root", async () => {
    const asNobody = ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"];
    expect(await refusal(["--port", "0", "--run-as", "nobody"], asNobody)).toEqual([
      1,
      "only root can become nobody, and this process is not root; start the tracker as root, or remove RUN_AS\n",
    ]);
  });
});
