// Holds that trackers follow a real Sentinel failover, whether the old master died or only fell silent.
import { describe, expect, it } from "vitest";
import { findServerPort } from "../support/redis-port.ts";
import { type RedisSentinels, startRedisSentinels } from "../support/redis-sentinel.ts";
import { addressesOf, createRedisWorld } from "../support/redis-world.ts";

const { keep, connect, refusal, logged } = createRedisWorld();
const FAILOVER_TIMEOUT_MS = 20_000;

const placeOf = ({ list, masterName }: RedisSentinels) =>
  ({ kind: "sentinel", sentinels: addressesOf(list), masterName, password: undefined }) as const;

describe("a master found by Sentinels", () => {
  it.each(["SIGKILL", "SIGSTOP"] as const)("is replaced by its replica after %s, with what it had", async (signal) => {
    const servers = await keep(startRedisSentinels({ appendOnly: true }));
    const { client, connected } = connect(placeOf(servers));
    await connected();
    await client.set("swarm", "kept");
    await client.wait(1, 500);
    await servers.master.kill(signal);
    const write = async () => await client.set("after", signal).catch(String);
    await expect.poll(write, { timeout: FAILOVER_TIMEOUT_MS, interval: 100 }).toBe("OK");
    expect(await client.get("swarm")).toBe("kept");
    expect(await servers.replica.client.get("after")).toBe(signal);
    expect(logged.join("\n")).toMatch(/^warn .*is away.*\n(.*\n)*info .*is back/);
  });

  it("is followed when it is switched though the old one lives, and no write goes to the old one", async () => {
    const servers = await keep(startRedisSentinels());
    const { client, connected } = connect(placeOf(servers));
    await connected();
    await servers.sentinels[0]!.client.call("SENTINEL", "FAILOVER", servers.masterName);
    await servers.follow(servers.replica.port);
    const write = async () => await client.set("after", "switch").catch(String);
    await expect.poll(write, { timeout: FAILOVER_TIMEOUT_MS, interval: 50 }).toBe("OK");
    expect(await servers.replica.client.get("after")).toBe("switch");
  });

  it("is found while some Sentinels are away, and refused by a name that none knows", async () => {
    const servers = await keep(startRedisSentinels());
    await servers.sentinels[0]!.kill("SIGKILL");
    expect(await refusal(placeOf(servers))).toBeUndefined();
    expect(logged.join()).toContain("set `min-replicas-to-write 1`");
    expect(await refusal({ ...placeOf(servers), masterName: "nobody" })).toMatch(
      /know no such master .*; correct REDIS_MASTER_NAME/,
    );
    const nobody = addressesOf(`127.0.0.1:${await findServerPort()}`);
    expect(await refusal({ ...placeOf(servers), sentinels: nobody })).toMatch(/cannot be reached/);
  });
});
