// What every BanList must hold; run by the SQLite registry and by any other one.
import { describe, expect, it } from "vitest";
import type { InfoHash } from "../../tracker/src/swarm/identifiers.ts";
import { eachInNewHome, type RegistryHome } from "./registry-home.ts";

const NOW = 1_700_000_000_000;
const ONE = "0a".repeat(20) as InfoHash;
const OTHER = "0b".repeat(20) as InfoHash;

export function banListSuite(name: string, createHome: () => RegistryHome | Promise<RegistryHome>): void {
  describe(`${name}: ban list`, () => {
    const { start, restart } = eachInNewHome(createHome);

    it("looks a ban up at once, and nothing for what is not banned", async () => {
      const { bans } = await start();
      const ban = await bans.ban(ONE, "corrupt build", NOW);
      expect(ban).toEqual({ infoHash: ONE, reason: "corrupt build", bannedAt: NOW });
      expect(bans.lookup(ONE)).toEqual(ban);
      expect(bans.lookup(OTHER)).toBeUndefined();
    });

    it("keeps a ban that is made again, and replaces its reason by another but not its time", async () => {
      const { bans } = await start();
      await bans.ban(ONE, "corrupt build", NOW);
      expect(await bans.ban(ONE, "corrupt build", NOW + 1)).toMatchObject({ bannedAt: NOW });
      const replaced = { infoHash: ONE, reason: "naïve – “ok”\n", bannedAt: NOW };
      expect(await bans.ban(ONE, replaced.reason, NOW + 2)).toEqual(replaced);
      expect(bans.lookup(ONE)).toEqual(replaced);
      expect(await bans.list()).toEqual([replaced]);
    });

    it("lifts a ban once and gives it back", async () => {
      const { bans } = await start();
      await bans.ban(ONE, "corrupt build", NOW);
      expect(await bans.unban(ONE)).toEqual({ infoHash: ONE, reason: "corrupt build", bannedAt: NOW });
      expect(bans.lookup(ONE)).toBeUndefined();
      expect(await bans.unban(ONE)).toBeUndefined();
      expect(await bans.list()).toEqual([]);
    });

    it("lists bans in order of time", async () => {
      const { bans } = await start();
      await bans.ban(OTHER, "first", NOW);
      await bans.ban(ONE, "second", NOW + 1);
      expect((await bans.list()).map(({ reason }) => reason)).toEqual(["first", "second"]);
    });

    it("survives being closed and opened again", async () => {
      const { bans } = await start();
      await bans.ban(ONE, "stays", NOW);
      await bans.ban(OTHER, "goes", NOW);
      await bans.unban(OTHER);
      const reopened = (await restart()).bans;
      expect(reopened.lookup(ONE)).toEqual({ infoHash: ONE, reason: "stays", bannedAt: NOW });
      expect(reopened.lookup(OTHER)).toBeUndefined();
    });
  });
}
