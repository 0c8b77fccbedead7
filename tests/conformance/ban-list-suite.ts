// What every BanList must hold; run by the SQLite registry and by any other one.
import { describe, expect, it } from "vitest";
import { type BanSubject, infoHashSubject } from "../../tracker/src/bans/ban.ts";
import { parseBanSubject } from "../../tracker/src/bans/ban-subject.ts";
import { compactEndpoint, type InfoHash, type PeerId } from "../../tracker/src/swarm/identifiers.ts";
import { parseHostAddress } from "../../tracker/src/wire/compact-address.ts";
import { eachInNewHome, type RegistryHome } from "./registry-home.ts";

const NOW = 1_700_000_000_000;
const ONE_HASH = "0a".repeat(20) as InfoHash;
const OTHER_HASH = "0b".repeat(20) as InfoHash;
const ONE = infoHashSubject(ONE_HASH);
const OTHER = infoHashSubject(OTHER_HASH);
const CIDR = parseBanSubject("cidr", "10.1.0.0/16", "test");
const V6 = parseBanSubject("cidr", "2001:db8::/32", "test");
const CLIENT = parseBanSubject("client", "-XL00", "test");
const BYTES = parseBanSubject("client", "%ff:%00%25", "test");
const KINDS = [ONE, CIDR, V6, CLIENT, BYTES];

/** One that is turned away by the subject alone. */
const ANNOUNCES = new Map<BanSubject, ReturnType<typeof announce>>([
  [ONE, announce({ infoHash: ONE_HASH })],
  [CIDR, announce({ host: "10.1.255.255" })],
  [V6, announce({ host: "2001:db8:ffff::1" })],
  [CLIENT, announce({ peerId: "-XL0012-abcdefghijkl" })],
  [BYTES, announce({ peerId: "\xff:\0%aaaaaaaaaaaaaaaa" })],
]);

export function banListSuite(name: string, createHome: () => RegistryHome | Promise<RegistryHome>): void {
  describe(`${name}: ban list`, () => {
    const { start, restart } = eachInNewHome(createHome);

    it("looks a ban up at once, and nothing for what is not banned", async () => {
      const { bans } = await start();
      const ban = await bans.ban(ONE, "corrupt build", NOW);
      expect(ban).toEqual({ ...ONE, reason: "corrupt build", bannedAt: NOW, source: "api" });
      expect([bans.lookup(ONE_HASH), bans.find(ONE)]).toEqual([ban, ban]);
      expect([bans.lookup(OTHER_HASH), bans.find(OTHER)]).toEqual([undefined, undefined]);
    });

    it("turns away the announces of what is banned, whatever its kind, and no others", async () => {
      const { bans } = await start();
      for (const subject of KINDS) {
        for (const said of ANNOUNCES.values()) expect(bans.turnsAway(said)).toBeUndefined();
        const ban = await bans.ban(subject, "why", NOW);
        for (const [of, said] of ANNOUNCES) expect(bans.turnsAway(said)).toEqual(of === subject ? ban : undefined);
        expect(bans.find(subject)).toEqual(ban);
        await bans.unban(subject);
      }
    });

    it("keeps a ban that is made again, and replaces its reason by another but not its time", async () => {
      const { bans } = await start();
      for (const subject of KINDS) {
        await bans.ban(subject, "corrupt build", NOW);
        expect(await bans.ban(subject, "corrupt build", NOW + 1)).toMatchObject({ bannedAt: NOW });
        const replaced = { ...subject, reason: "naïve – “ok”\n", bannedAt: NOW, source: "api" };
        expect(await bans.ban(subject, replaced.reason, NOW + 2)).toEqual(replaced);
        expect(bans.turnsAway(ANNOUNCES.get(subject)!)).toEqual(replaced);
        expect(await bans.list()).toEqual([replaced]);
        await bans.unban(subject);
      }
    });

    it("lifts a ban once and gives it back", async () => {
      const { bans } = await start();
      for (const subject of KINDS) {
        await bans.ban(subject, "corrupt build", NOW);
        expect(await bans.unban(subject)).toMatchObject({ ...subject, reason: "corrupt build", bannedAt: NOW });
        expect(bans.turnsAway(ANNOUNCES.get(subject)!)).toBeUndefined();
        expect(await bans.unban(subject)).toBeUndefined();
        expect(await bans.list()).toEqual([]);
      }
    });

    it("lists bans of all kinds in order of time", async () => {
      const { bans } = await start();
      const order = [OTHER, CLIENT, V6, ONE, CIDR, BYTES];
      for (const [index, subject] of order.entries()) await bans.ban(subject, "why", NOW + index);
      expect(await bans.list()).toMatchObject(order);
    });

    it("survives being closed and opened again", async () => {
      const { bans } = await start();
      for (const subject of [...KINDS, OTHER]) await bans.ban(subject, "stays", NOW);
      await bans.unban(OTHER);
      const kept = await bans.list();
      const reopened = (await restart()).bans;
      expect(await reopened.list()).toEqual(kept);
      for (const [of, said] of ANNOUNCES) expect(reopened.turnsAway(said)).toMatchObject(of);
      expect(reopened.lookup(OTHER_HASH)).toBeUndefined();
    });
  });
}

function announce(change: { readonly infoHash?: InfoHash; readonly host?: string; readonly peerId?: string }) {
  return {
    infoHash: change.infoHash ?? OTHER_HASH,
    peerId: (change.peerId ?? "-lt0D80-abcdefghijkl") as PeerId,
    endpoint: compactEndpoint(parseHostAddress(change.host ?? "10.2.0.0"), 6881),
    otherEndpoint: undefined,
  };
}
