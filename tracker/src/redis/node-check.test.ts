import { describe, expect, it } from "vitest";
import { refuseCluster, refuseNode, warningsOf } from "./node-check.ts";
import { isOlderVersion, parseInfo } from "./redis-info.ts";

const infoOf = (version: string) =>
  parseInfo(`# Server\r\nredis_version:${version}\r\nos:Linux 6.1 x86_64\r\n\r\n# Replication\r\nrole:master\r\n`);

describe("a Redis by its own account", () => {
  it("is refused when it is older than 6.2", () => {
    for (const version of ["2.8.19", "4.0.14", "5.0.7", "6.0.16", "6.1.999"]) {
      expect(refuseNode(infoOf(version), "h:1")?.message).toBe(
        `Redis at h:1 is older than 6.2 (it is ${version}); run Redis 6.2 or later`,
      );
    }
    for (const version of ["6.2.0", "6.2.14", "7.0.15", "8.4.0", "10.0.1", "255.255.255"]) {
      expect(refuseNode(infoOf(version), "h:1")).toBeUndefined();
    }
  });

  it("may have an evicting policy where no limit of memory makes it evict", () => {
    const info = new Map([...infoOf("7.0.15"), ["maxmemory_policy", "allkeys-lru"], ["maxmemory", "0"]]);
    expect(refuseNode(info, "h:1")).toBeUndefined();
    expect(refuseNode(new Map([...info, ["maxmemory", "1000"]]), "h:1")?.code).toBe("EVICTS");
  });

  it("is warned of when it could lose writes, by ending or by being cut off", () => {
    const kept = new Map([["aof_enabled", "1"]]);
    expect(warningsOf(kept, false)).toEqual([]);
    expect(warningsOf(kept, true)).toHaveLength(1);
    expect(warningsOf(new Map([...kept, ["min_slaves_good_slaves", "1"]]), true)).toEqual([]);
    expect(warningsOf(new Map([["aof_enabled", "0"]]), true)).toHaveLength(2);
  });

  it("is refused as a Cluster without all of its slots", () => {
    const whole = parseInfo("cluster_state:ok\r\ncluster_slots_assigned:16384\r\ncluster_slots_ok:16384\r\n");
    expect(refuseCluster(whole, "h:1")).toBeUndefined();
    expect(refuseCluster(new Map([...whole, ["cluster_slots_ok", "16383"]]), "h:1")?.code).toBe("CLUSTER_DOWN");
    expect(refuseCluster(new Map([...whole, ["cluster_state", "fail"]]), "h:1")?.code).toBe("CLUSTER_DOWN");
  });
});

it("versions are compared number by number", () => {
  expect(isOlderVersion("6.10", "6.2")).toBe(false);
  expect(isOlderVersion("6", "6.2")).toBe(true);
  expect(isOlderVersion("6.2", "6.2.0")).toBe(false);
  expect(isOlderVersion("6.2.0-rc1", "6.2")).toBe(false);
});
