// One swarm that several trackers share: announces wait here for the swarm's turn, are decided on the replica, and committed.
import type { SwarmPolicy } from "../../swarm/policy.ts";
import { receive } from "../../swarm/reception.ts";
import { isGone } from "../../swarm/life.ts";
import { NO_SLOT } from "../../swarm/slot-index.ts";
import type { Swarm } from "../../swarm/swarm.ts";
import type { AnnounceRequest, StoreOutcome } from "../swarm-store.ts";
import type { Newcomer } from "./change-log.ts";
import type { AddressCodec } from "./peer-fields.ts";
import { parsePeerName } from "./peer-fields.ts";
import { LostTurnError, SwarmClosedError } from "./swarm-errors.ts";
import { SwarmReplication, type SwarmReplicationParts } from "./swarm-replication.ts";

export interface SharedSwarmParts extends SwarmReplicationParts {
  readonly policy: SwarmPolicy;
  /** 0 inclusive to 1 exclusive. */
  readonly random: () => number;
  readonly codec: AddressCodec;
  /** Milliseconds on a clock that never jumps. */
  readonly elapsed: () => number;
  /** What a failure means to a client, with the remedy. */
  readonly explain: (error: unknown) => string;
  readonly onNewcomers: (newcomers: readonly Newcomer[]) => void;
}

interface Waiting {
  readonly request: AnnounceRequest;
  readonly deadline: number;
  settle(outcome: StoreOutcome): void;
}

/** An announce is answered within this, one way or the other. */
const ANSWER_WITHIN_MS = 900;
/** Announces decided in one turn: few enough that no commit keeps Redis from others for long. */
const MOST_AT_A_TIME = 200;
/** More than these do not wait: who comes then is told to come again. */
const MOST_WAITING = 20_000;
const OVERLOADED = "the tracker has more announces than it can answer; it will be asked again";

export class SharedSwarm {
  readonly #parts: SharedSwarmParts;
  readonly #replication: SwarmReplication;
  #waiting: Waiting[] = [];
  #answering: Waiting[] = [];
  #running = false;
  #exclusive: Promise<unknown> = Promise.resolve();
  #alarm: NodeJS.Timeout | undefined;

  constructor(parts: SharedSwarmParts) {
    this.#parts = parts;
    this.#replication = new SwarmReplication(parts);
  }

  /** Milliseconds on the clock of `elapsed`. */
  get usedAt(): number {
    return this.#replication.usedAt;
  }

  announce(request: AnnounceRequest): Promise<StoreOutcome> {
    if (this.#waiting.length >= MOST_WAITING) return Promise.resolve({ kind: "unavailable", reason: OVERLOADED });
    return new Promise((resolve) => {
      this.#waiting.push({ request, deadline: this.#parts.elapsed() + ANSWER_WITHIN_MS, settle: resolve });
      this.#setAlarm();
      if (this.#running) return;
      this.#running = true;
      setImmediate(() => void this.#answerAll());
    });
  }

  /** The swarm as Redis has it now, to be looked at. */
  async look<Result>(see: (swarm: Swarm) => Result): Promise<Result> {
    return this.#alone(async () => see(await this.#replication.refresh()));
  }

  /** Removes those of the named peers that outlived their lifetime. Resolves to how many went. */
  async dismiss(names: readonly string[], now: number): Promise<number> {
    return this.#alone(async () => {
      let removed = 0;
      await this.#replication.decide(
        ({ swarm }) => {
          for (const name of names) removed += Number(this.#dismissOne(swarm, name, now));
        },
        { keep: () => false, now, deadline: this.#parts.elapsed() + ANSWER_WITHIN_MS },
      );
      return removed;
    });
  }

  #dismissOne(swarm: Swarm, name: string, now: number): boolean {
    const endpoint = parsePeerName(name, this.#parts.codec);
    const slot = endpoint === undefined ? NO_SLOT : swarm.at(endpoint);
    if (slot === NO_SLOT) return false;
    if (!isGone(swarm.table, slot, swarm.policy, now)) {
      swarm.table.listener.changed(slot);
      return false;
    }
    swarm.remove(slot, now);
    return true;
  }

  /** One thing at a time: the replica is nobody else's between a turn and its commit. */
  async #alone<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#exclusive.then(work);
    this.#exclusive = result.catch(() => undefined);
    return result;
  }

  async #answerAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      await this.#alone(async () => {
        this.#answering = this.#waiting.splice(0, MOST_AT_A_TIME);
        const outcomes = await this.#answer(this.#answering);
        for (const [index, { settle }] of this.#answering.entries()) {
          settle(outcomes[index] ?? { kind: "unavailable", reason: OVERLOADED });
        }
        this.#answering = [];
      });
    }
    this.#running = false;
  }

  async #answer(batch: readonly Waiting[]): Promise<readonly StoreOutcome[]> {
    const deadline = batch[0]?.deadline ?? 0;
    const now = batch.at(-1)?.request.now ?? 0;
    for (;;) {
      try {
        const outcomes: StoreOutcome[] = [];
        const decide = ({ swarm, noteEvent }: { swarm: Swarm; noteEvent: NoteEvent }) => {
          for (const { request } of batch) outcomes.push(this.#receive(swarm, request, noteEvent));
        };
        await this.#replication.decide(decide, { keep: () => this.#waiting.length > 0, now, deadline });
        return outcomes;
      } catch (error) {
        if (error instanceof LostTurnError && this.#parts.elapsed() < deadline) continue;
        const closed = error instanceof SwarmClosedError;
        const outcome: StoreOutcome = closed
          ? { kind: "refused", reason: error.message }
          : { kind: "unavailable", reason: this.#parts.explain(error) };
        return batch.map(() => outcome);
      }
    }
  }

  #receive(swarm: Swarm, { announce, terms, now }: AnnounceRequest, noteEvent: NoteEvent): StoreOutcome {
    const { levels } = swarm.policy;
    if (announce.path.length !== levels.length) {
      const names = levels.map(({ name }) => name).join(",");
      return {
        kind: "unavailable",
        reason: `this transfer was begun with LEVELS=${names}; set that on every tracker, or deactivate and activate the transfer`,
      };
    }
    const outcome = receive(swarm, { announce, terms, now, random: this.#parts.random });
    if (announce.event !== "none") noteEvent(swarm.table.byId.find(announce.peerId), announce.event, now);
    return outcome;
  }

  /** Whoever waited too long is told so, whatever Redis does. */
  #setAlarm(): void {
    this.#alarm ??= setTimeout(() => {
      this.#alarm = undefined;
      const now = this.#parts.elapsed();
      const isLate = ({ deadline }: Waiting) => deadline <= now;
      const late = [...this.#answering, ...this.#waiting].filter(isLate);
      this.#waiting = this.#waiting.filter((waiting) => !isLate(waiting));
      if (late.length > 0) {
        const reason = this.#parts.explain(undefined);
        for (const { settle } of late) settle({ kind: "unavailable", reason });
      }
      if (this.#waiting.length + this.#answering.length > 0) this.#setAlarm();
    }, ANSWER_WITHIN_MS / 4).unref();
  }
}

type NoteEvent = (slot: number, event: AnnounceRequest["announce"]["event"], now: number) => void;
