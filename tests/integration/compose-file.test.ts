// Holds that docker-compose.yml is clean to Compose itself where there is one, and that what it names is there.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

interface Service {
  build?: string;
  image?: string;
  volumes?: string[];
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

  it("brings the tracker, Redis and an origin, from images or Dockerfiles that exist", () => {
    const services = readServices();
    expect(Object.keys(services).sort()).toEqual(["origin", "redis", "tracker"]);
    for (const { build, image } of Object.values(services)) {
      expect(image ?? existsSync(join(root, build ?? "nowhere", "Dockerfile"))).toBeTruthy();
    }
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

function readServices(): Record<string, Service> {
  const { services } = parse(readFileSync(join(root, "docker-compose.yml"), "utf8")) as {
    services: Record<string, Service>;
  };
  return services;
}
