// What stands behind the front ends while they are fuzzed: the announce service as the tracker puts it together, with transfers in every state.
import { createSubnetResolver } from "@rackcast/smdb-adapter";
import { openSqliteRegistry } from "../../tracker/src/registry/sqlite-registry.ts";
import { type AnnounceService, createAnnounceService } from "../../tracker/src/service/announce-service.ts";
import { createTransferTerms } from "../../tracker/src/service/transfer-terms.ts";
import { BY_HOST } from "../../tracker/src/service/user-identifier.ts";
import { NO_PATIENCE } from "../../tracker/src/service/place-patience.ts";
import { createMemoryStore } from "../../tracker/src/store/memory-store.ts";
import { webrtcSwarms } from "../../tracker/src/store/transports.ts";
import type { InfoHash } from "../../tracker/src/swarm/identifiers.ts";
import { DEFAULT_POLICY } from "../../tracker/src/swarm/policy.ts";
import { findHostAddress, hostAddressText } from "../../tracker/src/wire/compact-address.ts";

export interface FuzzWorld {
  readonly service: AnnounceService;
  /** Of the swarms of browsers. */
  readonly webrtcService: AnnounceService;
  readonly lengthBytes: (infoHash: InfoHash) => number | undefined;
  /** Removes peers that outlived their life, now and then. */
  tidy(): void;
  close(): Promise<void>;
}

/** Active ones first, then one that is registered only, one that is banned, and one that nobody knows. */
export const INFO_HASHES = ["a1", "a2", "a3", "5b", "ba", "0f"].map((byte) => byte.repeat(20) as InfoHash);
const [ACTIVE, [REGISTERED, BANNED]] = [INFO_HASHES.slice(0, 3), INFO_HASHES.slice(3) as [InfoHash, InfoHash]] as const;
/** What the service says by itself, with or without a fault of the client's. */
export const SERVICE_REASON = /^(?:unknown transfer|inactive transfer|banned|peer_id is in use by another host)/;
/** More than a datagram holds. */
const POLICY = { ...DEFAULT_POLICY, maxPeers: 300 };
/** All other hosts are in one rack, `unknown`. */
const RACKS = { "10.0.1.0/24": "rack1", "10.0.2.0/24": "rack2", "127.0.1.0/24": "rack1", "fd00:1::/64": "rack1" };
const TIDY_EVERY = 500;
const LENGTH_BYTES = 1_000_000;

export async function createFuzzWorld(parts: { random: () => number; now: () => number }): Promise<FuzzWorld> {
  const { random, now } = parts;
  const registry = openSqliteRegistry(":memory:");
  for (const infoHash of [...ACTIVE, REGISTERED]) {
    const torrent = Buffer.from(infoHash);
    const sizes = { lengthBytes: LENGTH_BYTES, pieceLengthBytes: 16_384, fileCount: 1 };
    await registry.register({ infoHash, name: infoHash, ...sizes, torrent }, now());
  }
  for (const infoHash of ACTIVE) await registry.activate(infoHash, {}, now());
  await registry.bans.ban({ kind: "info-hash", value: BANNED }, "not this one", now());
  const store = createMemoryStore({ policy: POLICY, random, addressText: hostAddressText }, now());
  const announceParts = {
    store,
    registry,
    patience: NO_PATIENCE,
    identify: BY_HOST,
    resolver: createSubnetResolver({
      prefixes: Object.entries(RACKS).map(([prefix, path]) => ({ prefix, path, source: "the fuzzer" })),
    }),
    policy: POLICY,
    settings: { passiveIntervalSeconds: 300, inactiveReply: "auto", unknownRack: "shared" } as const,
    termsOf: createTransferTerms(findHostAddress),
    addressText: hostAddressText,
    now,
    random,
  };
  let untidy = 0;
  return {
    service: createAnnounceService(announceParts),
    webrtcService: createAnnounceService({ ...announceParts, store: webrtcSwarms(store) }),
    lengthBytes: (infoHash) => registry.lookup(infoHash)?.lengthBytes,
    tidy() {
      if (++untidy % TIDY_EVERY === 0) void store.sweep(now());
    },
    async close() {
      await store.close();
      await registry.close();
    },
  };
}
