// The one service behind every front end: place the address, gate by transfer, ask the store, set the intervals.
import type { TopologyPath, TopologyResolver } from "@rackcast/smdb-adapter";
import type { Accounting } from "../accounting/accounting.ts";
import type { Ban } from "../bans/ban.ts";
import type { AnnounceRegistry } from "../registry/registry.ts";
import type { Transfer } from "../registry/transfer-registry.ts";
import { type MaybePromise, StoreError, type StoreOutcome, type SwarmStore } from "../store/swarm-store.ts";
import type { Announce, AnnounceEvent, Handout, Reach, SwarmCounts, TransferTerms } from "../swarm/announce.ts";
import { handoutOf, NOBODY } from "../swarm/handout-buffer.ts";
import { clientFamily, familyNumber } from "../swarm/client-families.ts";
import type { CompactEndpoint, HostAddress, InfoHash, PeerId } from "../swarm/identifiers.ts";
import { hostOf } from "../swarm/identifiers.ts";
import { activeIntervalSeconds, jittered } from "../swarm/intervals.ts";
import type { SwarmPolicy } from "../swarm/policy.ts";
import type { PlacePatience } from "./place-patience.ts";
import type { TermsOf } from "./transfer-terms.ts";
import type { UserIdentifier } from "./user-identifier.ts";

/** An announce as a front end parsed it, before anything is known of its place. */
export interface ClientAnnounce {
  readonly infoHash: InfoHash;
  readonly peerId: PeerId;
  readonly key: string;
  /** What followed `/announce/` in the path; `""` when nothing did, or when keys are not looked at. */
  readonly announceKey: string;
  /** Where the client listens: the address it asked from and its port. */
  readonly endpoint: CompactEndpoint;
  /** Where it listens in the other address family, when a trusted proxy says so (BEP 7). */
  readonly otherEndpoint: CompactEndpoint | undefined;
  /** The address family that the answer has room for. */
  readonly reach: Reach;
  readonly event: AnnounceEvent;
  readonly left: number;
  readonly uploaded: number;
  readonly downloaded: number;
  readonly numwant: number | undefined;
}

export type ServiceReply =
  | {
      readonly kind: "peers";
      readonly intervalSeconds: number;
      readonly minIntervalSeconds: number;
      /** Read it before the service is asked again; see `Handout`. */
      readonly handout: Handout;
      readonly counts: SwarmCounts;
      readonly warning: string | undefined;
    }
  /** `reason` may be shown to the client. */
  | { readonly kind: "failure"; readonly reason: string };

export interface AnnounceService {
  announce(request: ClientAnnounce): MaybePromise<ServiceReply>;
  /** For a client that cannot say so itself: it is gone, whatever it may still be allowed to. */
  leave(request: ClientAnnounce): MaybePromise<unknown>;
  /** Counts of the transfers that are served; unknown, inactive and banned ones are left out (BEP 48). */
  scrape(infoHashes: readonly InfoHash[]): MaybePromise<ReadonlyMap<InfoHash, SwarmCounts>>;
}

/** The swarms cannot be reached now; the message may be shown to a client, which should come again soon. */
export class UnavailableError extends Error {
  override readonly name = "UnavailableError";
}

export interface AnnounceServiceSettings {
  /** What inactive, unknown and banned transfers are told to wait (`PASSIVE_INTERVAL`). */
  readonly passiveIntervalSeconds: number;
  /** `auto`: failure to clients that then retry soon, empty to those that sit out half an hour (`INACTIVE_REPLY`). */
  readonly inactiveReply: "failure" | "empty" | "auto";
  /** Where a peer behind an unresolved address stands: in a rack of its own, in one rack `unknown`, or nowhere (`UNKNOWN_RACK`). */
  readonly unknownRack: "own" | "shared" | "refuse";
}

export interface AnnounceServiceParts {
  readonly store: SwarmStore;
  readonly registry: AnnounceRegistry;
  /** Bounded in time by its cache: it must not keep an announce waiting for long. */
  readonly resolver: TopologyResolver;
  readonly patience: PlacePatience;
  readonly identify: UserIdentifier;
  readonly policy: SwarmPolicy;
  readonly settings: AnnounceServiceSettings;
  readonly termsOf: TermsOf;
  /** Undefined: nobody counts what clients move. */
  readonly accounting?: Pick<Accounting, "note" | "isBehind"> | undefined;
  /** Text form of an address, as resolvers want it. */
  readonly addressText: (host: HostAddress) => string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly random: () => number;
}

/** With the user that it counts for; see `UserIdentifier`. */
interface IdentifiedAnnounce {
  readonly request: ClientAnnounce;
  readonly user: string;
}

/** Whoever leaves needs no place. */
const NOWHERE: readonly string[] = [];
const REFUSED_PLACE =
  "this host is in no known rack; add its address to the tracker's topology, or set UNKNOWN_RACK=shared";

const ISSUE = "issue one with `rackcast keys issue` and announce to /announce/<key>";
const KEY_MISSING: ServiceReply = { kind: "failure", reason: `announce key missing; ${ISSUE}` };
const KEY_UNKNOWN: ServiceReply = { kind: "failure", reason: `announce key unknown or revoked; ${ISSUE}` };

const AWAITED_PLACE = "the rack of this host is not known yet; it is being looked up";

export function createAnnounceService(parts: AnnounceServiceParts): AnnounceService {
  const { store, registry, resolver, policy, settings, now } = parts;

  function announce(request: ClientAnnounce): MaybePromise<ServiceReply> {
    const banned = registry.bans.turnsAway(request);
    if (banned !== undefined) return turnAway(request, banned);
    const user = parts.identify(request);
    if (user === undefined) return keyRefusal(request);
    const transfer = servedTransfer(registry, request.infoHash);
    if (typeof transfer === "string") return notServed({ request, user }, transfer);
    const located = resolver.locate(parts.addressText(hostOf(request.endpoint)));
    if (!(located instanceof Promise)) return announceAt({ request, user }, parts.termsOf(transfer), located?.path);
    return located.then(
      (location) => kept(announceLater(request, location?.path)),
      () => kept(announceLater(request, undefined)),
    );
  }

  /** The transfer may have been deactivated or banned, or the key revoked, while the place was asked for. */
  function announceLater(request: ClientAnnounce, known: TopologyPath | undefined): MaybePromise<ServiceReply> {
    const banned = registry.bans.turnsAway(request);
    if (banned !== undefined) return turnAway(request, banned);
    const user = parts.identify(request);
    if (user === undefined) return keyRefusal(request);
    const transfer = servedTransfer(registry, request.infoHash);
    if (typeof transfer === "string") return notServed({ request, user }, transfer);
    return announceAt({ request, user }, parts.termsOf(transfer), known);
  }

  function announceAt(
    identified: IdentifiedAnnounce,
    terms: TransferTerms,
    known: TopologyPath | undefined,
  ): MaybePromise<ServiceReply> {
    const { request } = identified;
    if (known === undefined && parts.patience.waits(request, terms)) return nobodyYet();
    const path = known?.length === policy.levels.length ? known : unknownPath(parts, request.endpoint, terms);
    if (path === undefined) return { kind: "failure", reason: REFUSED_PLACE };
    const outcome = store.announce({ infoHash: request.infoHash, announce: placed(request, path), terms, now: now() });
    if (request.event === "started" || request.event === "completed") {
      registry.noteProgress(request.infoHash, request.event, now());
    }
    return outcome instanceof Promise
      ? outcome.then((late) => accounted(identified, path, late))
      : accounted(identified, path, outcome);
  }

  function accounted(
    { request, user }: IdentifiedAnnounce,
    path: readonly string[],
    outcome: StoreOutcome,
  ): MaybePromise<ServiceReply> {
    const answer = reply(request, outcome);
    if (parts.accounting === undefined || outcome.kind !== "accepted") return answer;
    const rack = path.length === 1 ? (path[0] ?? "") : path.join("/");
    return afterRecord(parts.accounting.note(request, { user, rack, reportedAt: now(), isUnserved: false }), answer);
  }

  function reply(request: ClientAnnounce, outcome: StoreOutcome): ServiceReply {
    if (outcome.kind === "refused") return { kind: "failure", reason: outcome.reason };
    if (outcome.kind === "unavailable") return comeAgain(request, outcome.reason, policy.activeIntervalSeconds);
    const seconds = intervalSeconds();
    const { handout, counts } = outcome;
    return {
      kind: "peers",
      intervalSeconds: seconds,
      minIntervalSeconds: seconds,
      handout,
      counts,
      warning: undefined,
    };
  }

  /** Announces come less often while accounting does not keep up. */
  function intervalSeconds(): number {
    if (parts.accounting?.isBehind() === true) return jittered(settings.passiveIntervalSeconds, parts.random);
    return activeIntervalSeconds(policy, parts.random);
  }

  function nobodyYet(): ServiceReply {
    return emptyReply(activeIntervalSeconds(policy, parts.random), AWAITED_PLACE);
  }

  /** A banned host or client leaves the swarm at once; of a banned info-hash nobody is told of anybody any more. */
  function turnAway(request: ClientAnnounce, ban: Ban): ServiceReply {
    if (ban.kind !== "info-hash") void leave(request);
    return unserved(request, bannedReason(ban));
  }

  function leave(request: ClientAnnounce): MaybePromise<unknown> {
    const transfer = servedTransfer(registry, request.infoHash);
    if (typeof transfer === "string") return undefined;
    const announce = { ...placed(request, NOWHERE), event: "stopped" } as const;
    const { infoHash } = request;
    return store.announce({ infoHash, announce, terms: parts.termsOf(transfer), now: now() });
  }

  /** What clients move until they hear of it is counted. */
  function notServed({ request, user }: IdentifiedAnnounce, reason: string): MaybePromise<ServiceReply> {
    const answer = unserved(request, reason);
    const { accounting } = parts;
    const isCounted = request.event !== "started" && registry.lookup(request.infoHash) !== undefined;
    if (accounting === undefined || !isCounted) return answer;
    return afterRecord(accounting.note(request, { user, rack: "", reportedAt: now(), isUnserved: true }), answer);
  }

  function unserved(request: ClientAnnounce, reason: string): ServiceReply {
    return comeAgain(request, reason, settings.passiveIntervalSeconds);
  }

  /** A failure to clients that then retry soon, an empty answer to those that would sit out half an hour. */
  function comeAgain(request: ClientAnnounce, reason: string, afterSeconds: number): ServiceReply {
    const failure =
      settings.inactiveReply === "failure" ||
      (settings.inactiveReply === "auto" && clientFamily(familyNumber(request.peerId)).lateHave);
    if (failure) return { kind: "failure", reason };
    return emptyReply(jittered(afterSeconds, parts.random), reason);
  }

  return { announce, leave, scrape: (infoHashes) => scrape(parts, infoHashes) };
}

function emptyReply(seconds: number, warning: string): ServiceReply {
  const counts = { complete: 0, incomplete: 0, completions: 0 };
  return { kind: "peers", intervalSeconds: seconds, minIntervalSeconds: seconds, handout: NOBODY, counts, warning };
}

function afterRecord(recorded: Promise<void> | undefined, answer: ServiceReply): MaybePromise<ServiceReply> {
  if (recorded === undefined) return answer;
  const own = keptReply(answer);
  return recorded.then(() => own);
}

/** Nothing else is done for it: who has no key takes nobody out of a swarm either. */
function keyRefusal({ announceKey }: ClientAnnounce): ServiceReply {
  return announceKey === "" ? KEY_MISSING : KEY_UNKNOWN;
}

/** Other announces come between a promise and its reader, and would change a handout that lies in the store's own memory. */
function kept(reply: MaybePromise<ServiceReply>): MaybePromise<ServiceReply> {
  return reply instanceof Promise ? reply : keptReply(reply);
}

function keptReply(reply: ServiceReply): ServiceReply {
  return reply.kind === "peers" ? { ...reply, handout: handoutOf(reply.handout.peers()) } : reply;
}

/** The transfer, when it hands out peers; else why not, for its clients. Whether it is banned was asked before. */
function servedTransfer({ lookup }: AnnounceRegistry, infoHash: InfoHash): Transfer | string {
  const transfer = lookup(infoHash);
  if (transfer === undefined) return "unknown transfer: publish its torrent to this tracker first";
  return transfer.state === "active" ? transfer : "inactive transfer: activate it on the tracker first";
}

function bannedReason({ reason }: Ban): string {
  return `banned: ${reason}`;
}

function placed(request: ClientAnnounce, path: readonly string[]): Announce {
  const { peerId, key, endpoint, otherEndpoint, reach, event, left, uploaded, downloaded, numwant } = request;
  return { peerId, key, endpoint, otherEndpoint, reach, path, event, left, uploaded, downloaded, numwant };
}

/** One name a level: `unknown`, or the host's own address; undefined when such hosts are refused. */
export function unknownGroup(
  unknownRack: AnnounceServiceSettings["unknownRack"],
  levels: number,
  address: string,
): readonly string[] | undefined {
  if (unknownRack === "refuse") return undefined;
  return Array.from({ length: levels }, () => (unknownRack === "own" ? address : "unknown"));
}

/** An origin shares no rack with hosts that are unknown, too: as one of theirs it would feed all of them, wherever they are. */
function unknownPath(
  { settings, policy, addressText }: AnnounceServiceParts,
  endpoint: CompactEndpoint,
  { origins }: TransferTerms,
) {
  const host = hostOf(endpoint);
  const isAlone = settings.unknownRack === "shared" && origins.has(host);
  const unknownRack = isAlone ? "own" : settings.unknownRack;
  return unknownGroup(unknownRack, policy.levels.length, addressText(host));
}

async function scrape({ registry, store }: AnnounceServiceParts, infoHashes: readonly InfoHash[]) {
  const counts = new Map<InfoHash, SwarmCounts>();
  for (const infoHash of infoHashes) {
    const isServed =
      registry.bans.lookup(infoHash) === undefined && typeof servedTransfer(registry, infoHash) !== "string";
    if (isServed) counts.set(infoHash, await countsOf(store, infoHash));
  }
  return counts;
}

async function countsOf(store: SwarmStore, infoHash: InfoHash): Promise<SwarmCounts> {
  try {
    return await store.scrape(infoHash);
  } catch (error) {
    throw error instanceof StoreError ? new UnavailableError(error.message, { cause: error }) : error;
  }
}
