// What every AnnounceKeys must hold; run by the SQLite registry and by any other one.
import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AnnounceKeys } from "../../tracker/src/registry/announce-keys.ts";
import { eachInNewHome, type RegistryHome } from "./registry-home.ts";

const NOW = 1_700_000_000_000;
const KEY = /^[0-9a-f]{32}$/;

export function announceKeysSuite(name: string, createHome: () => RegistryHome | Promise<RegistryHome>): void {
  describe(`${name}: announce keys`, () => {
    const { start, restart } = eachInNewHome(createHome);

    it("knows a key's user at once, and nobody by what is nearly the key", async () => {
      const { announceKeys } = await start();
      const { key, record } = await announceKeys.issue("web", NOW);
      expect(key).toMatch(KEY);
      expect(record).toEqual({ user: "web", digest: sha256(key), issuedAt: NOW, rotatedAt: undefined, former: [] });
      expect(announceKeys.userOf(key, NOW)).toBe("web");
      const others = [key.toUpperCase().replace(/^\d*$/, "A"), `${key}0`, key.slice(1), `/${key}`, sha256(key), ""];
      for (const other of [...others, ...nearlyAll(key)])
        expect(announceKeys.userOf(other, NOW), other).toBeUndefined();
    });

    it.each(["", "a".repeat(17), "10.0.0.1", "255.255.255.255", "two words", "naïve", "a/b", "web\n", "::1"])(
      "issues no key to %j, which is no user's name",
      async (user) => {
        const { announceKeys } = await start();
        await expect(announceKeys.issue(user, NOW)).rejects.toMatchObject({
          code: "USER_MALFORMED",
          message: expect.stringContaining(JSON.stringify(user)),
        });
        expect(await announceKeys.list()).toEqual([]);
      },
    );

    it.each(["a", "A.b_c-9", "a".repeat(16), "10.0.0", "10.0.0.256", "toString"])(
      "issues a key to %s",
      async (user) => {
        const { announceKeys } = await start();
        const { key } = await announceKeys.issue(user, NOW);
        expect(announceKeys.userOf(key, NOW)).toBe(user);
      },
    );

    it("issues no second key to a user, whose first one goes on", async () => {
      const { announceKeys } = await start();
      const { key, record } = await announceKeys.issue("web", NOW);
      const refusal = { code: "ANNOUNCE_KEY_ISSUED", message: expect.stringMatching(/web .*rotate/) };
      await expect(announceKeys.issue("web", NOW + 1)).rejects.toMatchObject(refusal);
      expect(announceKeys.userOf(key, NOW + 1)).toBe("web");
      expect(await announceKeys.list()).toEqual([record]);
    });

    it("lets the key before go on for the grace and no longer", async () => {
      const { announceKeys } = await start();
      const first = await announceKeys.issue("web", NOW);
      expect(announceKeys.userOf(first.key, NOW)).toBe("web");
      const second = await announceKeys.rotate("web", 60, NOW + 1);
      expect(second.record).toMatchObject({ issuedAt: NOW, rotatedAt: NOW + 1, former: [{ until: NOW + 60_001 }] });
      const users = (at: number) => [first, second].map(({ key }) => announceKeys.userOf(key, at));
      expect(users(NOW + 60_000)).toEqual(["web", "web"]);
      expect(users(NOW + 60_001)).toEqual([undefined, "web"]);
    });

    it("ends all keys before at once without a grace, and none later than its first grace said", async () => {
      const { announceKeys } = await start();
      const [first, second] = [await announceKeys.issue("web", NOW), await announceKeys.rotate("web", 100, NOW)];
      const third = await announceKeys.rotate("web", 200, NOW);
      const users = (at: number) => [first, second, third].map(({ key }) => announceKeys.userOf(key, at));
      expect(users(NOW + 99_999)).toEqual(["web", "web", "web"]);
      expect(users(NOW + 100_000)).toEqual([undefined, "web", "web"]);
      const { key, record } = await announceKeys.rotate("web", 0, NOW + 1);
      expect(record.former).toEqual([]);
      expect(users(NOW + 1)).toEqual([undefined, undefined, undefined]);
      expect(announceKeys.userOf(key, NOW + 1)).toBe("web");
    });

    it("revokes all keys of a user once and of nobody else, and may issue another", async () => {
      const { announceKeys } = await start();
      const other = await announceKeys.issue("db", NOW);
      const keys = [(await announceKeys.issue("web", NOW)).key, (await announceKeys.rotate("web", 60, NOW)).key];
      const users = () => [...keys, other.key].map((key) => announceKeys.userOf(key, NOW));
      expect(users()).toEqual(["web", "web", "db"]);
      expect(await announceKeys.revoke("web")).toMatchObject({ user: "web", issuedAt: NOW });
      expect(users()).toEqual([undefined, undefined, "db"]);
      expect(await announceKeys.revoke("web")).toBeUndefined();
      const refusal = { code: "ANNOUNCE_KEY_UNKNOWN", message: expect.stringContaining("web") };
      await expect(announceKeys.rotate("web", 0, NOW)).rejects.toMatchObject(refusal);
      keys.push((await announceKeys.issue("web", NOW + 1)).key);
      expect(users()).toEqual([undefined, undefined, "web", "db"]);
    });

    it("lists what there is in order of users", async () => {
      const { announceKeys } = await start();
      for (const user of ["web", "db", "A"]) await announceKeys.issue(user, NOW);
      await announceKeys.rotate("db", 5, NOW);
      expect((await announceKeys.list()).map(({ user, former }) => [user, former.length])).toEqual([
        ["A", 0],
        ["db", 1],
        ["web", 0],
      ]);
    });

    it("survives being closed and opened again", async () => {
      const { announceKeys } = await start();
      const before = await announceKeys.issue("web", NOW);
      const after = await announceKeys.rotate("web", 60, NOW + 1);
      const revoked = await announceKeys.issue("db", NOW);
      await announceKeys.revoke("db");
      const kept = await announceKeys.list();
      const reopened = (await restart()).announceKeys;
      expect(await reopened.list()).toEqual(kept);
      const keys = [before, after, revoked].map(({ key }) => key);
      expect(keys.map((key) => reopened.userOf(key, NOW + 60_000))).toEqual(["web", "web", undefined]);
    });

    it("says of every key ever made what a plain list of them says, whatever is done in between", async () => {
      const { announceKeys } = await start();
      await fc.assert(
        fc.asyncProperty(fc.array(STEP, { maxLength: 12 }), async (steps) => {
          const model: Model = { made: [], now: NOW };
          for (const step of steps) {
            await take(announceKeys, step, model);
            for (const { key, user, until } of model.made)
              expect(announceKeys.userOf(key, model.now)).toBe(model.now < until ? user : undefined);
          }
          for (const user of USERS) await announceKeys.revoke(user);
        }),
        { numRuns: 15 },
      );
    });
  });
}

interface Made {
  readonly key: string;
  readonly user: string;
  until: number;
}

interface Model {
  made: Made[];
  now: number;
}

const USERS = ["web", "db"];
const STEP = fc.record({
  user: fc.constantFrom(...USERS),
  what: fc.constantFrom("issue", "rotate", "rotate", "revoke"),
  graceSeconds: fc.constantFrom(0, 1, 10, 100),
  passedMs: fc.constantFrom(0, 500, 1000, 10_000),
});
type Step = typeof STEP extends fc.Arbitrary<infer Value> ? Value : never;

async function take(keys: AnnounceKeys, { user, what, graceSeconds, passedMs }: Step, model: Model): Promise<void> {
  model.now += passedMs;
  const live = model.made.filter((one) => one.user === user && model.now < one.until);
  const end = what === "rotate" ? model.now + graceSeconds * 1000 : what === "revoke" ? model.now : Infinity;
  const has = live.some(({ until }) => until === Infinity);
  if (what === "revoke") await keys.revoke(user);
  else {
    const call = what === "issue" ? keys.issue(user, model.now) : keys.rotate(user, graceSeconds, model.now);
    if (has === (what === "issue"))
      return expect(call).rejects.toMatchObject({ code: expect.stringMatching(/^ANNOUNCE_KEY_/) });
    model.made.push({ key: (await call).key, user, until: Infinity });
  }
  for (const one of live) one.until = Math.min(one.until, end);
}

/** All that differ in one digit. */
function nearlyAll(key: string): string[] {
  return Array.from(key, (digit, at) => key.slice(0, at) + (digit === "0" ? "1" : "0") + key.slice(at + 1));
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
