// Swarms in Redis, shared by any number of trackers; see ops/docs/redis-model.md.
import type { RedisClient } from "../../redis/redis-connection.ts";
import { createScript } from "../../redis/script.ts";
import type { SwarmCounts } from "../../swarm/announce.ts";
import type { HostAddress, InfoHash } from "../../swarm/identifiers.ts";
import { explainPeer, viewPeer } from "../../swarm/inspection.ts";
import type { SwarmPolicy } from "../../swarm/policy.ts";
import type { ExplainedPeer, PeerView } from "../../swarm/views.ts";
import { webrtcSwarm } from "../transports.ts";
import { StoreError, type SwarmStore } from "../swarm-store.ts";
import { ACTIVE_TRANSFERS, SWARM_KEYS, swarmPrefix } from "./keys.ts";
import type { AddressCodec } from "../../swarm/inspection.ts";
import { createRackRecords } from "./rack-records.ts";
import { type Look, SharedSwarm } from "./shared-swarm.ts";

export interface RedisStoreParts {
  readonly client: RedisClient;
  readonly policy: SwarmPolicy;
  /** 0 inclusive to 1 exclusive. */
  readonly random: () => number;
  readonly codec: AddressCodec;
  /** This tracker among those that share the Redis; no other may have the name at the same time. */
  readonly trackerName: string;
  /** Milliseconds on a clock that never jumps. */
  readonly elapsed: () => number;
  /** What a failure of Redis means to a client, with the remedy; `undefined` is no answer in time. */
  readonly explain: (error: unknown) => string;
  /** Moves a swarm's keys out of the way. */
  readonly archive: (infoHash: InfoHash) => Promise<void>;
}

/** Swarms that nobody announced to for so long are forgotten here, not in Redis. */
const FORGET_AFTER_MS = 600_000;
/** Most peers of one swarm that a sweep removes. */
const SWEEP_AT_A_TIME = 500;
/** Most swarms that a sweep looks at; each is a call to Redis. */
const SWARMS_AT_A_TIME = 500;

export function createRedisStore(parts: RedisStoreParts): SwarmStore {
  const { client, codec, elapsed } = parts;
  const swarms = new Map<InfoHash, SharedSwarm>();
  let turns = 0;
  const newToken = () => `${parts.trackerName}#${++turns}`;
  const racks = createRackRecords(client);
  /** Those that the round of sweeps under way has still to look at. */
  let unswept: InfoHash[] = [];
  const sync = createScript(client, new URL("../lua/sync-swarm.lua", import.meta.url));
  const commit = createScript(client, new URL("../lua/commit-swarm.lua", import.meta.url));

  function open(infoHash: InfoHash): SharedSwarm {
    const known = swarms.get(infoHash);
    if (known !== undefined) return known;
    const swarm = new SharedSwarm({ ...parts, newToken, sync, commit, infoHash, onNewcomers: racks.add });
    swarms.set(infoHash, swarm);
    return swarm;
  }

  /** Without the client's own error, which carries whole commands. */
  async function told<Result>(asked: Promise<Result>): Promise<Result> {
    return asked.catch((error: unknown) => {
      throw new StoreError(parts.explain(error));
    });
  }

  async function scrape(infoHash: InfoHash): Promise<SwarmCounts> {
    const prefix = swarmPrefix(infoHash);
    const [complete, incomplete, completions] = await Promise.all([
      client.zcard(prefix + SWARM_KEYS.seeders),
      client.zcard(prefix + SWARM_KEYS.leechers),
      client.hget(prefix + SWARM_KEYS.swarm, "completions"),
    ]);
    return { complete, incomplete, completions: Number(completions ?? 0) };
  }

  async function listSwarms(): Promise<InfoHash[]> {
    const active = (await client.smembers(ACTIVE_TRANSFERS)).map((hash) => hash.toLowerCase() as InfoHash);
    return [...new Set([...active, ...active.map(webrtcSwarm), ...swarms.keys()])];
  }

  async function sweepSwarm(infoHash: InfoHash, now: number): Promise<number> {
    const prefix = swarmPrefix(infoHash);
    const paused = Number((await client.hget(prefix + SWARM_KEYS.swarm, "paused")) ?? 0);
    const before = `(${now - paused}`;
    const names = await client.zrangebyscore(prefix + SWARM_KEYS.peers, "-inf", before, "LIMIT", 0, SWEEP_AT_A_TIME);
    return names.length === 0 ? 0 : await open(infoHash).dismiss(names, now);
  }

  function lookAtAll({ swarm, clock }: Look, now: number): PeerView[] {
    const paused = now - clock(now);
    return swarm.inOrder().map((slot) => onTheWall(viewPeer(swarm, slot, codec.text, clock(now)), paused));
  }

  function explainHost({ swarm, clock }: Look, host: HostAddress, now: number): ExplainedPeer[] {
    return [...swarm.onHost(host)].map((slot) => {
      const explained = explainPeer(swarm, slot, codec.text, clock(now));
      return { ...explained, peer: onTheWall(explained.peer, now - clock(now)) };
    });
  }

  function forgetUnused(): void {
    for (const [infoHash, { usedAt }] of swarms) {
      if (elapsed() - usedAt > FORGET_AFTER_MS) swarms.delete(infoHash);
    }
  }

  return {
    announce: (request) => open(request.infoHash).announce(request),
    scrape: (infoHash) => told(scrape(infoHash)),
    inspect: (infoHash, now) => told(open(infoHash).look((look) => lookAtAll(look, now))),
    explain: (infoHash, host, now) => told(open(infoHash).look((look) => explainHost(look, host, now))),
    async sweep(now) {
      forgetUnused();
      if (unswept.length === 0) unswept = await listSwarms();
      let removed = 0;
      const failures: unknown[] = [];
      for (const infoHash of unswept.splice(0, SWARMS_AT_A_TIME)) {
        removed += await sweepSwarm(infoHash, now).catch((error: unknown) => {
          failures.push(error);
          return 0;
        });
      }
      // One swarm that cannot be swept keeps no other from it.
      if (failures.length > 0) throw failures[0];
      return removed;
    },
    async drop(infoHash) {
      swarms.delete(infoHash);
      await told(parts.archive(infoHash));
    },
    async close() {
      swarms.clear();
      return Promise.resolve();
    },
  };
}

/** The swarm's clock is behind by its pauses. What was last is most likely after the last of them, the first time before. */
function onTheWall(view: PeerView, paused: number): PeerView {
  const completedAt = view.completedAt === undefined ? undefined : view.completedAt + paused;
  return { ...view, lastSeenAt: view.lastSeenAt + paused, completedAt };
}
