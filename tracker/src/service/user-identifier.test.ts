import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { announceFrom, announceServiceOver, INFO_HASH } from "../../../tests/support/announce-service.ts";
import { rotated, issued } from "../registry/announce-key-changes.ts";
import { createAnnounceKeyIndex } from "../registry/announce-key-index.ts";
import type { AnnounceKey } from "../registry/announce-keys.ts";
import { createUserIdentifier, type UserIdentifierOptions } from "./user-identifier.ts";

const NOW = 1_700_000_000_000;
const HOST = "10.0.1.1";
const THE_HOST = "";
const RUNS = 200;
const REVOKED = issued(undefined, "gone", NOW);
const FORMER = issued(undefined, "web", NOW);
const CURRENT = rotated(FORMER.record, { user: "web", graceSeconds: 60 }, NOW);
const UNKNOWN_KEY = { kind: "failure", reason: expect.stringMatching(/unknown or revoked; .*rackcast keys issue/) };
const NO_KEY = { kind: "failure", reason: expect.stringMatching(/missing; .*rackcast keys issue/) };

let now: number;
let faults: string[];
beforeEach(() => {
  now = NOW;
  faults = [];
});

function identifier(mode: UserIdentifierOptions["mode"], records: readonly AnnounceKey[] = [CURRENT.record]) {
  const keys = createAnnounceKeyIndex(records);
  return createUserIdentifier({ mode, keys, onFault: (kind) => void faults.push(kind), now: () => now });
}

const user = (mode: UserIdentifierOptions["mode"], announceKey: string) =>
  identifier(mode)(announceFrom(HOST, { announceKey }));

describe("whom an announce is counted for", () => {
  it.each(["optional", "required"] as const)("is the user that its key was issued to: %s", (mode) => {
    expect([CURRENT, FORMER].map(({ key }) => user(mode, key))).toEqual(["web", "web"]);
    expect(faults).toEqual([]);
    now = NOW + 60_000;
    expect([CURRENT, FORMER].map(({ key }) => user(mode, key))).toEqual(["web", undefined]);
    expect(faults).toEqual(["announce-key-unknown"]);
  });

  it("is the host without a key unless one is required, and nobody with a key that is not known", () => {
    expect(user("optional", "")).toBe(THE_HOST);
    expect(faults).toEqual([]);
    expect([user("required", ""), user("optional", REVOKED.key), user("required", "x")]).toEqual(
      Array.from({ length: 3 }, () => undefined),
    );
    expect(faults).toEqual(["announce-key-missing", "announce-key-unknown", "announce-key-unknown"]);
  });

  it("is the host whatever it brings where keys are not looked at", () => {
    for (const key of ["", CURRENT.key, REVOKED.key, "x"]) expect(user("off", key)).toBe(THE_HOST);
    expect(faults).toEqual([]);
  });
});

describe("an announce without a right key, where one is required", () => {
  const resolver = { name: "test", reload: async () => {}, close: async () => {} };
  const located = { ...resolver, locate: () => ({ path: ["rack1"], resolver: "test" }) };

  it("is refused with what to do, whatever it says, and changes nothing", async () => {
    const { store, service } = announceServiceOver({
      resolver: located,
      unknownRack: "own",
      identify: identifier("required"),
    });
    const member = announceFrom(HOST, { announceKey: CURRENT.key });
    expect(await service.announce(member)).toMatchObject({ kind: "peers" });
    const before = await store.inspect(INFO_HASH, 0);
    const flaw = fc.constantFrom<(key: string) => string>(
      (key) => key.toUpperCase().replace(/^\d*$/, "A"),
      (key) => `${key}/`,
      (key) => ` ${key}`,
      (key) => `${key}${key}`,
    );
    const cut = fc.nat({ max: 31 }).map((length) => (key: string) => key.slice(0, length));
    const changed = fc
      .nat({ max: 31 })
      .map((at) => (key: string) => key.slice(0, at) + other(key[at]!) + key.slice(at + 1));
    const ofRight = fc.oneof(flaw, cut, changed).map((spoil) => spoil(CURRENT.key));
    const hex = fc.stringMatching(/^[0-9a-f]{32}$/);
    const wrong = fc.oneof(ofRight, hex, fc.string({ unit: "binary", maxLength: 64 }), fc.constant(REVOKED.key));
    const event = fc.constantFrom("none", "started", "completed", "stopped", "paused" as const);
    await fc.assert(
      fc.asyncProperty(
        wrong,
        event,
        fc.nat(),
        fc.constantFrom(HOST, "10.0.1.2"),
        async (announceKey, said, left, host) => {
          const { peerId } = member;
          const reply = await service.announce(announceFrom(host, { announceKey, event: said, left, peerId }));
          expect(reply).toEqual(announceKey === "" ? NO_KEY : UNKNOWN_KEY);
        },
      ),
      { numRuns: RUNS },
    );
    expect(await store.inspect(INFO_HASH, 0)).toEqual(before);
    expect(faults).toHaveLength(RUNS);
  });

  it("is refused when the key is revoked while the place of the host is asked for", async () => {
    let found: (location: undefined) => void = () => {};
    const locate = () => new Promise<undefined>((resolve) => (found = resolve));
    const keys = createAnnounceKeyIndex([CURRENT.record]);
    const identify = createUserIdentifier({ mode: "required", keys, onFault: () => {}, now: () => now });
    const { store, service } = announceServiceOver({ resolver: { ...resolver, locate }, unknownRack: "own", identify });
    const reply = service.announce(announceFrom(HOST, { announceKey: CURRENT.key }));
    keys.remove("web");
    found(undefined);
    expect(await reply).toEqual(UNKNOWN_KEY);
    expect(await store.inspect(INFO_HASH, 0)).toEqual([]);
  });
});

function other(digit: string): string {
  return digit === "0" ? "1" : "0";
}
