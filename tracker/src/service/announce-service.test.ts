import type { Location } from "@rackcast/smdb-adapter";
import { expect, it } from "vitest";
import type { Transfer } from "../registry/transfer-registry.ts";
import { createMemoryStore } from "../store/memory-store.ts";
import { compactEndpoint, type InfoHash, type PeerId } from "../swarm/identifiers.ts";
import { DEFAULT_POLICY } from "../swarm/policy.ts";
import { findHostAddress, hostAddressText, parseHostAddress } from "../wire/compact-address.ts";
import { createAnnounceService } from "./announce-service.ts";
import { NO_PATIENCE } from "./place-patience.ts";
import { createTransferTerms } from "./transfer-terms.ts";

const INFO_HASH = "ab".repeat(20) as InfoHash;
const TRANSFER = { infoHash: INFO_HASH, state: "active", origins: [] } as unknown as Transfer;

function announceOf(host: string) {
  return {
    infoHash: INFO_HASH,
    peerId: `-LT2080-${host.padEnd(12, "_")}` as PeerId,
    key: "",
    endpoint: compactEndpoint(parseHostAddress(host), 6881),
    otherEndpoint: undefined,
    reach: "any",
    event: "none",
    left: 9,
    uploaded: 0,
    downloaded: 0,
    numwant: undefined,
  } as const;
}

it("keeps an origin without a place out of the rack of the unknown, which it would feed as one of them", async () => {
  const store = createMemoryStore({ policy: DEFAULT_POLICY, random: Math.random, addressText: hostAddressText }, 0);
  const origin = "10.0.9.9";
  const service = createAnnounceService({
    store,
    registry: {
      lookup: () => ({ ...TRANSFER, origins: [origin] }),
      noteProgress: () => {},
      bans: { turnsAway: () => undefined, lookup: () => undefined },
    },
    patience: NO_PATIENCE,
    resolver: { name: "none", locate: () => undefined, reload: async () => {}, close: async () => {} },
    policy: DEFAULT_POLICY,
    settings: { passiveIntervalSeconds: 300, inactiveReply: "auto", unknownRack: "shared" },
    termsOf: createTransferTerms(findHostAddress),
    addressText: hostAddressText,
    now: () => 0,
    random: Math.random,
  });
  await service.announce({ ...announceOf(origin), left: 0 });
  for (const host of ["10.0.1.1", "10.0.1.2"]) await service.announce(announceOf(host));
  const racks = (await store.inspect(INFO_HASH, 0)).map(({ path }) => path.join("/"));
  expect(racks).toEqual([origin, "unknown", "unknown"]);
});

it("keeps the handouts of announces whose places are found in one go", async () => {
  const found = new Map<string, (location: Location | undefined) => void>();
  const service = createAnnounceService({
    store: createMemoryStore({ policy: DEFAULT_POLICY, random: Math.random, addressText: hostAddressText }, 0),
    registry: {
      lookup: () => TRANSFER,
      noteProgress: () => {},
      bans: { turnsAway: () => undefined, lookup: () => undefined },
    },
    patience: NO_PATIENCE,
    resolver: {
      name: "late",
      locate: (address) => new Promise((resolve) => found.set(address, resolve)),
      reload: async () => {},
      close: async () => {},
    },
    policy: DEFAULT_POLICY,
    settings: { passiveIntervalSeconds: 300, inactiveReply: "auto", unknownRack: "own" },
    termsOf: createTransferTerms(findHostAddress),
    addressText: hostAddressText,
    now: () => 0,
    random: Math.random,
  });
  const hosts = ["10.0.1.1", "10.0.1.2", "10.0.1.3"];
  const replies = Promise.all(hosts.map(async (host) => service.announce(announceOf(host))));
  for (const host of hosts) found.get(host)?.({ path: ["rack1"], resolver: "late" });
  const sizes = (await replies).map((reply) => (reply.kind === "peers" ? reply.handout.v4Length / 6 : -1));
  expect(sizes[0]).toBe(0);
  expect(new Set(sizes).size).toBeGreaterThan(1);
});
