// An announce service over a memory store with one active transfer, and announces for it.
import { createMemoryStore } from "../../tracker/src/store/memory-store.ts";
import type { Transfer } from "../../tracker/src/registry/transfer-registry.ts";
import {
  type AnnounceServiceParts,
  type ClientAnnounce,
  createAnnounceService,
} from "../../tracker/src/service/announce-service.ts";
import { NO_PATIENCE, type PlacePatience } from "../../tracker/src/service/place-patience.ts";
import { createTransferTerms } from "../../tracker/src/service/transfer-terms.ts";
import { BY_HOST, type UserIdentifier } from "../../tracker/src/service/user-identifier.ts";
import { compactEndpoint, type InfoHash, type PeerId } from "../../tracker/src/swarm/identifiers.ts";
import { DEFAULT_POLICY } from "../../tracker/src/swarm/policy.ts";
import { findHostAddress, hostAddressText, parseHostAddress } from "../../tracker/src/wire/compact-address.ts";

export const INFO_HASH = "ab".repeat(20) as InfoHash;

export interface ServiceUnderTest {
  readonly resolver: AnnounceServiceParts["resolver"];
  readonly unknownRack: "own" | "shared" | "refuse";
  readonly origins?: readonly string[];
  readonly patience?: PlacePatience;
  readonly accounting?: AnnounceServiceParts["accounting"];
  readonly identify?: UserIdentifier;
  readonly now?: () => number;
}

export function announceServiceOver({
  resolver,
  unknownRack,
  origins = [],
  patience = NO_PATIENCE,
  accounting,
  identify = BY_HOST,
  now = () => 0,
}: ServiceUnderTest) {
  let transfer: Transfer | undefined = { infoHash: INFO_HASH, state: "active", origins } as unknown as Transfer;
  const store = createMemoryStore({ policy: DEFAULT_POLICY, random: Math.random, addressText: hostAddressText }, 0);
  const service = createAnnounceService({
    store,
    registry: {
      lookup: () => transfer,
      noteProgress: () => {},
      bans: { turnsAway: () => undefined, lookup: () => undefined },
    },
    patience,
    identify,
    resolver,
    policy: DEFAULT_POLICY,
    settings: { passiveIntervalSeconds: 300, inactiveReply: "auto", unknownRack },
    termsOf: createTransferTerms(findHostAddress),
    accounting,
    addressText: hostAddressText,
    now,
    random: Math.random,
  });
  const transfers = {
    deactivate: () => void (transfer = transfer && { ...transfer, state: "inactive" }),
    forget: () => void (transfer = undefined),
  };
  return { store, service, transfers };
}

/** Of a leecher with libtorrent-rasterbar, unless changed. */
export function announceFrom(host: string, change: Partial<ClientAnnounce> = {}): ClientAnnounce {
  return {
    infoHash: INFO_HASH,
    peerId: `-LT2080-${host.padEnd(12, "_")}` as PeerId,
    key: "",
    announceKey: "",
    endpoint: compactEndpoint(parseHostAddress(host), 6881),
    otherEndpoint: undefined,
    reach: "any",
    event: "none",
    left: 9,
    uploaded: 0,
    downloaded: 0,
    numwant: undefined,
    ...change,
  };
}
