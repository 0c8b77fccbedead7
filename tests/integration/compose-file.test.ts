// Holds that docker-compose.yml is clean to Compose itself where there is one, and that what it names is there.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { readConfig } from "../../tracker/src/config/config.ts";

interface Service {
  build?: string | { context: string; target: string };
  image?: string;
  volumes?: string[];
  environment?: Record<string, string>;
  ports?: string[];
  profiles?: string[];
  command?: string[];
}

const root = join(import.meta.dirname, "../..");
const compose = [["docker", "compose"], ["docker-compose"]].find(([command = "", ...args]) => {
  return spawnSync(command, [...args, "version"]).status === 0;
});
if (compose === undefined) {
  console.warn(
    "compose-file: neither `docker compose` nor docker-compose is installed, so only the file's own names are checked",
  );
}

describe("docker-compose.yml", () => {
  it.skipIf(compose === undefined)("is clean to Compose", () => {
    const [command = "", ...args] = compose ?? [];
    const { status, stderr } = spawnSync(command, [...args, "config", "--quiet"], { cwd: root, encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });

  it("brings the tracker, Redis, an origin and, if asked for, a SMDB, from images or Dockerfiles that exist", () => {
    const services = readServices();
    expect(Object.keys(services).sort()).toEqual(["origin", "redis", "smdb", "tracker"]);
    expect(services["smdb"]?.profiles).toEqual(["smdb"]);
    const built = Object.values(services).filter(({ image }) => image === undefined);
    for (const { build = "nowhere" } of built) {
      const { context, target } = typeof build === "object" ? build : { context: build, target: undefined };
      const dockerfile = readFileSync(join(root, context, "Dockerfile"), "utf8");
      if (target !== undefined) expect(dockerfile).toMatch(new RegExp(`^FROM .* AS ${target}$`, "m"));
    }
  });

  it("runs the SMDB by a command that is there", async () => {
    const { command: [program, ...args] = [] } = readServices()["smdb"] ?? {};
    expect(program).toBe("node");
    const hosts = join(root, "ops/docker/hosts.yaml");
    const own = args.map((arg) => (arg === "/etc/rackcast/hosts.yaml" ? hosts : arg));
    const child = spawn(process.execPath, [...own, "--port", "0"], { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
    const [said] = (await once(child.stdout.setEncoding("utf8"), "data")) as [string];
    expect(said).toMatch(/^Reference SMDB listening on http:/);
    child.kill();
    await once(child, "exit");
  });

  it("gives the tracker the Redis beside it, or none for those who set it so", () => {
    const { redis } = readServices();
    const storeOf = (own: Record<string, string>) => trackerConfig(own)?.store;
    const address = { host: "127.0.0.1", port: 6379 };
    expect(storeOf({})).toMatchObject({ kind: "redis", redis: { place: { kind: "single", address } } });
    expect(redis?.ports).toEqual(["127.0.0.1:6379:6379"]);
    expect(storeOf({ STORE: "memory", REDIS_URL: "" })).toEqual({ kind: "memory" });
  });

  it("brings PeerJS with the tracker, unless it is set off", () => {
    expect(trackerConfig({})?.live.hasPeerjs).toBe(true);
    expect(trackerConfig({ PEERJS: "0" })?.live.hasPeerjs).toBe(false);
  });

  it("mounts files of this repository that exist", () => {
    const mounted = Object.values(readServices()).flatMap(({ volumes = [] }) =>
      volumes.map((volume) => volume.split(":")[0] ?? ""),
    );
    const own = mounted.filter((path) => path.startsWith("./ops/"));
    expect(own).toContain("./ops/docker/topology.txt");
    expect(own.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});

function trackerConfig(own: Record<string, string>) {
  const { environment = {} } = readServices()["tracker"] ?? {};
  const values = Object.entries(environment).map(([name, text]) => [name, resolve(text, own)]);
  const config = readConfig({ args: [], env: Object.fromEntries(values), readFile: () => "" });
  return config === "help" ? undefined : config;
}

/** As Compose does: with `:-` an empty variable counts as not set, with `-` it does not. */
function resolve(text: string, own: Readonly<Record<string, string>>): string {
  const {
    name = "",
    colon,
    fallback = "",
  } = /^\$\{(?<name>\w+)(?<colon>:?)-(?<fallback>.*)\}$/.exec(text)?.groups ?? {};
  if (name === "") return text;
  return (colon ? own[name] || undefined : own[name]) ?? fallback;
}

function readServices(): Record<string, Service> {
  const { services } = parse(readFileSync(join(root, "docker-compose.yml"), "utf8")) as {
    services: Record<string, Service>;
  };
  return services;
}
