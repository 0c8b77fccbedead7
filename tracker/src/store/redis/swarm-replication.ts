// A tracker's side of the turn: brings the replica up to date, lets something be decided on it, and commits what that changed.
import { setTimeout as delay } from "node:timers/promises";
import type { Script } from "../../redis/script.ts";
import type { AnnounceEvent } from "../../swarm/announce.ts";
import type { InfoHash } from "../../swarm/identifiers.ts";
import type { SwarmPolicy } from "../../swarm/policy.ts";
import { TOLD_MEMORY_MS } from "../../swarm/told-memory.ts";
import type { Swarm } from "../../swarm/swarm.ts";
import { ChangeLog, type Newcomer } from "./change-log.ts";
import { SWARM_KEYS, swarmPrefix } from "./keys.ts";
import { levelsText, parseLevels } from "./levels-text.ts";
import type { AddressCodec } from "../../swarm/inspection.ts";
import { FIELDS } from "./peer-fields.ts";
import { Replica } from "./replica.ts";
import { type RawChange, readChanges } from "./swarm-changes.ts";
import { ForeignDataError, LostTurnError, SwarmClosedError, TurnTimeoutError } from "./swarm-errors.ts";

export interface SwarmReplicationParts {
  readonly infoHash: InfoHash;
  readonly policy: SwarmPolicy;
  readonly codec: AddressCodec;
  readonly sync: Script;
  readonly commit: Script;
  /** This tracker among those that share the Redis. */
  readonly trackerName: string;
  /**
   * A name for a turn that none had before, of any swarm: the first turn of a swarm is its epoch too, and a swarm that comes after another one of
   * its hash must not be taken for that.
   */
  readonly newToken: () => string;
  readonly elapsed: () => number;
  readonly onNewcomers: (newcomers: readonly Newcomer[]) => void;
}

export interface Decision {
  /** Asked after deciding: whether there is more to decide at once. The turn is kept for that, as long as no other tracker waits too long. */
  readonly keep: () => boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** On the clock of `elapsed`. */
  readonly deadline: number;
}

export interface Deciding {
  readonly swarm: Swarm;
  /** The swarm's clock at a time by the clock on the wall, both milliseconds since the epoch. */
  clock(now: number): number;
  noteEvent(slot: number, event: AnnounceEvent, now: number): void;
}

/** How long a tracker that died or froze keeps the others from a swarm. */
const LEASE_MS = 400;
/** How long a busy tracker keeps a turn that another one waits for: handing it over costs about a tenth of that. */
const TURN_MS = 25;
const RETRY_MS = 1;
const CONTRADICTION =
  "the swarm of this transfer contradicts itself in Redis; deactivate the transfer and activate it again";
const MOST_CHANGES = 500;
/** Shorter silences are between announces. */
const SHORTEST_PAUSE_MS = 1000;
/** What departed is forgotten in Redis some time after that; a replica that slept for longer than this begins anew. */
const REPLICA_KEEPS_MS = TOLD_MEMORY_MS / 2;

export class SwarmReplication {
  readonly #parts: SwarmReplicationParts;
  readonly #keys: Record<keyof typeof SWARM_KEYS, string>;
  readonly #prefix: string;
  #replica: Replica | undefined;
  #log: ChangeLog;
  #epoch = "";
  #version = "0";
  #token: string | undefined;
  #turnBegan = 0;
  /** Another tracker waits for the turn. */
  #isWanted = false;
  /** The commit on its way while the next one is being decided. */
  #underway: Promise<void> | undefined;
  /** See `SwarmScalars`. */
  #paused = 0;
  /** Nothing was heard of Redis for a while, or ever: perhaps nobody could announce. */
  #wasAway = true;
  /** The time of the last commit of any tracker. */
  #committed = 0;
  usedAt: number;

  constructor(parts: SwarmReplicationParts) {
    this.#parts = parts;
    this.#prefix = swarmPrefix(parts.infoHash);
    const keys = Object.entries(SWARM_KEYS).map(([name, key]) => [name, this.#prefix + key]);
    this.#keys = Object.fromEntries(keys) as Record<keyof typeof SWARM_KEYS, string>;
    this.#log = new ChangeLog(parts.codec);
    this.usedAt = parts.elapsed();
  }

  /** Brings the replica up to date, without a turn: for looking only. */
  async refresh(): Promise<Pick<Deciding, "swarm" | "clock">> {
    await this.#guard(async () => {
      await this.#underway;
      if (this.#token === undefined) await this.#sync("read", "");
    });
    return { swarm: this.#current().swarm, clock: (now) => now - this.#paused };
  }

  /**
   * Resolves when the commit is on its way, so that the next decision is made meanwhile; `written` settles when Redis has it.
   *
   * Both reject with `LostTurnError` when nothing was written and it may be tried again, with `SwarmClosedError`, `TurnTimeoutError`,
   * `ForeignDataError`, or what Redis failed with: then it is not known whether anything was written.
   */
  async decide(decide: (deciding: Deciding) => void, decision: Decision): Promise<{ written: Promise<void> }> {
    return this.#guard(async () => {
      await this.#takeTurn(decision);
      const { swarm } = this.#current();
      const clock = (now: number) => now - this.#paused;
      decide({ swarm, clock, noteEvent: (slot, event, now) => this.#log.noteEvent(slot, event, now) });
      await this.#underway;
      const isOver = this.#isWanted && this.#parts.elapsed() - this.#turnBegan > TURN_MS;
      const keep = decision.keep() && !isOver;
      const written = this.#commit(swarm, decision.now, keep);
      this.#underway = written;
      // Whoever hears of it first is told by `written`, or by the next decision.
      written.catch(() => undefined);
      if (!keep) await written;
      return { written };
    });
  }

  /** After any failure the replica may hold what was never written: it is read anew. */
  async #guard<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      this.#wasAway ||= !(error instanceof LostTurnError);
      this.#forget();
      throw error;
    }
  }

  #forget(): void {
    this.#replica = undefined;
    this.#epoch = "";
    this.#version = "0";
    this.#token = undefined;
    this.#underway = undefined;
    this.#log = new ChangeLog(this.#parts.codec);
  }

  #current(): Replica {
    this.#replica ??= new Replica(this.#parts.policy, this.#log.listener, this.#parts.codec);
    return this.#replica;
  }

  async #takeTurn({ deadline, now }: Decision): Promise<void> {
    const { newToken, elapsed } = this.#parts;
    if (this.#token !== undefined) return;
    const token = newToken();
    while (!(await this.#sync("take", token))) {
      if (elapsed() > deadline) throw new TurnTimeoutError();
      await delay(RETRY_MS);
    }
    this.#token = token;
    if (this.#wasAway) this.#goOn(now);
    this.#turnBegan = elapsed();
  }

  /** After a time in which nobody could announce, the swarm's clock goes on from the last commit. */
  #goOn(now: number): void {
    this.#wasAway = false;
    const silence = this.#committed === 0 ? 0 : now - this.#committed;
    if (silence < SHORTEST_PAUSE_MS) return;
    this.#paused += silence;
    this.#current().swarm.resumedAt = now - this.#paused;
  }

  /** False when another tracker has the turn. */
  async #sync(want: "take" | "read", token: string): Promise<boolean> {
    const { elapsed } = this.#parts;
    if (elapsed() - this.usedAt > REPLICA_KEEPS_MS) this.#forget();
    const changes: RawChange[] = [];
    let from = this.#version;
    for (;;) {
      const reply = (await this.#parts.sync.run(...this.#syncCall(want, token, from))) as SyncReply;
      this.usedAt = elapsed();
      if (reply[0] === "foreign") throw new ForeignDataError(reply[1]);
      if (reply[0] === "closed") throw new SwarmClosedError(reply[1]);
      if (reply[0] === "wait") return false;
      if (reply[0] === "renewed") {
        this.#forget();
        from = "0";
        changes.length = 0;
        continue;
      }
      if (reply[0] === "done") {
        this.#apply(reply, [...changes, ...reply[4]]);
        return true;
      }
      from = reply[1];
      for (const change of reply[2]) changes.push(change);
    }
  }

  #syncCall(want: string, token: string, from: string): [string[], (string | number)[]] {
    const { swarm, changes, transfer, told } = this.#keys;
    const { trackerName, policy } = this.#parts;
    const place = [trackerName, token, this.#epoch, from, MOST_CHANGES, LEASE_MS, levelsText(policy.levels)];
    return [
      [swarm, changes, transfer, told],
      [this.#prefix, want, ...place, ...FIELDS],
    ];
  }

  #apply(reply: SyncDone, raw: readonly RawChange[]): void {
    const [, epoch, version, levels, , numbers] = reply;
    if (this.#epoch !== epoch) this.#begin(epoch, levels);
    const [arrivals = 1, completions = 0, fastestPull = 0, paused = 0, resumed = 0, committed = 0] =
      numbers.map(Number);
    const scalars = { arrivals, completions, fastestPull, paused, resumed, committed };
    const replica = this.#current();
    const changes = readChanges(raw, scalars, this.#parts.codec, this.#prefix);
    // A replica that came to another standing than the tracker that wrote it would hand out a second set of representatives.
    if (!replica.apply(changes)) throw new LostTurnError(CONTRADICTION);
    this.#log.adopt(replica.swarm);
    this.#version = version;
    this.#paused = paused;
    this.#committed = committed;
  }

  /** The swarm keeps the levels and caps that it began with, whatever this tracker's settings say by now. */
  #begin(epoch: string, levels: string): void {
    const parsed = parseLevels(levels);
    if (parsed === undefined) throw new ForeignDataError(this.#keys.swarm);
    this.#epoch = epoch;
    this.#log = new ChangeLog(this.#parts.codec);
    this.#replica = new Replica({ ...this.#parts.policy, levels: parsed }, this.#log.listener, this.#parts.codec);
  }

  async #commit(swarm: Swarm, now: number, keep: boolean): Promise<void> {
    const token = this.#token ?? "";
    const { args, newcomers } = this.#log.take(swarm);
    const head = [this.#prefix, token, keep ? "keep" : "give", LEASE_MS, TOLD_MEMORY_MS, now - this.#paused];
    const { arrivals, completions, fastestPull, resumedAt } = swarm;
    const scalars = [arrivals, completions, fastestPull, this.#paused, resumedAt, now];
    const { swarm: meta, changes, told, departed, peers, groups } = this.#keys;
    const keys = [meta, changes, told, departed, peers, groups];
    const reply = await this.#parts.commit.run(keys, [...head, ...scalars, ...args]);
    const [outcome, version, waiting] = reply as CommitReply;
    if (outcome === "foreign") throw new ForeignDataError(version);
    if (outcome === "lost") throw new LostTurnError("another tracker took the turn");
    this.#version = String(version);
    this.#isWanted = waiting === 1;
    if (!keep) this.#token = undefined;
    if (newcomers.length > 0) this.#parts.onNewcomers(newcomers);
  }
}

type SyncDone = readonly ["done", string, string, string, readonly RawChange[], readonly string[]];
type SyncReply =
  | SyncDone
  | readonly ["foreign", string]
  | readonly ["closed", string]
  | readonly ["renewed"]
  | readonly ["wait"]
  | readonly ["more", string, readonly RawChange[]];
type CommitReply =
  | readonly ["done", number, 0 | 1]
  | readonly ["lost", undefined?, undefined?]
  | readonly ["foreign", string, undefined?];
