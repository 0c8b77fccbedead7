// One swarm that several trackers share: announces wait here for the swarm's turn, are decided on the replica, and committed.
import type { SwarmPolicy } from "../../swarm/policy.ts";
import { receive } from "../../swarm/reception.ts";
import { isGone } from "../../swarm/life.ts";
import { NO_SLOT } from "../../swarm/slot-index.ts";
import { HandoutBuffer, handoutOf } from "../../swarm/handout-buffer.ts";
import type { Swarm } from "../../swarm/swarm.ts";
import type { AnnounceRequest, StoreOutcome } from "../swarm-store.ts";
import type { Newcomer } from "./change-log.ts";
import type { AddressCodec } from "../../swarm/inspection.ts";
import { parsePeerName } from "./peer-fields.ts";
import { LostTurnError, SwarmClosedError } from "./swarm-errors.ts";
import { type Deciding, SwarmReplication, type SwarmReplicationParts } from "./swarm-replication.ts";

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

export type Look = Pick<Deciding, "swarm" | "clock">;

interface Waiting {
  readonly request: AnnounceRequest;
  readonly deadline: number;
  settle(outcome: StoreOutcome): void;
}

/** An announce is answered within this, one way or the other. */
const ANSWER_WITHIN_MS = 850;
const ALARM_EVERY_MS = 100;
/** Announces decided in one turn: few enough that no commit keeps Redis from others for long. */
const MOST_AT_A_TIME = 64;
/** More than these do not wait: who comes then is told to come again. */
const MOST_WAITING = 20_000;
const OVERLOADED = "the tracker has more announces than it can answer; it will be asked again";

export class SharedSwarm {
  readonly #handout = new HandoutBuffer();
  readonly #parts: SharedSwarmParts;
  readonly #replication: SwarmReplication;
  #waiting: Waiting[] = [];
  readonly #answering = new Set<Waiting>();
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
      this.#run();
    });
  }

  /** The swarm as Redis has it now, to be looked at. */
  async look<Result>(see: (look: Look) => Result): Promise<Result> {
    return this.#alone(async () => see(await this.#replication.refresh()));
  }

  /** Removes those of the named peers that outlived their lifetime. Resolves to how many went. */
  async dismiss(names: readonly string[], now: number): Promise<number> {
    return this.#alone(async () => {
      let removed = 0;
      const dismiss = ({ swarm, clock }: Deciding) => {
        const slots = names.map((name) => this.#slotOf(swarm, name)).filter((slot) => slot !== NO_SLOT);
        for (const slot of slots.toSorted((one, other) => one - other))
          removed += Number(dismissOne(swarm, slot, clock(now)));
      };
      const deadline = this.#parts.elapsed() + ANSWER_WITHIN_MS;
      const { written } = await this.#replication.decide(dismiss, { keep: () => false, now, deadline });
      await written;
      return removed;
    });
  }

  #slotOf(swarm: Swarm, name: string): number {
    const endpoint = parsePeerName(name, this.#parts.codec);
    return endpoint === undefined ? NO_SLOT : swarm.at(endpoint);
  }

  /** One thing at a time: the replica is nobody else's between a turn and its commit. */
  async #alone<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#exclusive.then(work);
    this.#exclusive = result.catch(() => undefined);
    return result;
  }

  async #answerAll(): Promise<void> {
    while (this.#waiting.length > 0) await this.#alone(async () => this.#answerSome());
    this.#running = false;
  }

  /** Ends when what was decided is on its way to Redis; the answers follow when it is there. */
  async #answerSome(): Promise<void> {
    const batch = this.#waiting.splice(0, MOST_AT_A_TIME);
    const [first, last] = [batch[0], batch.at(-1)];
    if (first === undefined || last === undefined) return;
    for (const waiting of batch) this.#answering.add(waiting);
    const outcomes: StoreOutcome[] = [];
    const decide = (deciding: Deciding) => {
      for (const { request } of batch) outcomes.push(this.#receive(deciding, request));
    };
    const decision = { keep: () => this.#waiting.length > 0, now: last.request.now, deadline: first.deadline };
    try {
      const { written } = await this.#replication.decide(decide, decision);
      written.then(
        () => this.#settle(batch, (index) => outcomes[index]),
        (error: unknown) => this.#fail(batch, error),
      );
    } catch (error) {
      this.#fail(batch, error);
    }
  }

  #settle(batch: readonly Waiting[], outcomeOf: (index: number) => StoreOutcome | undefined): void {
    for (const [index, waiting] of batch.entries()) {
      this.#answering.delete(waiting);
      waiting.settle(outcomeOf(index) ?? { kind: "unavailable", reason: OVERLOADED });
    }
  }

  /** Where nothing was written, everybody is decided on again who has the time. */
  #fail(batch: readonly Waiting[], error: unknown): void {
    if (error instanceof LostTurnError && this.#parts.elapsed() < (batch[0]?.deadline ?? 0)) {
      for (const waiting of batch) this.#answering.delete(waiting);
      this.#waiting.unshift(...batch);
      this.#run();
      return;
    }
    const outcome: StoreOutcome =
      error instanceof SwarmClosedError
        ? { kind: "refused", reason: error.message }
        : { kind: "unavailable", reason: this.#parts.explain(error) };
    this.#settle(batch, () => outcome);
  }

  #run(): void {
    if (this.#running) return;
    this.#running = true;
    setImmediate(() => void this.#answerAll());
  }

  #receive({ swarm, clock, noteEvent }: Deciding, { announce, terms, now }: AnnounceRequest): StoreOutcome {
    const { levels } = swarm.policy;
    if (announce.path.length !== levels.length) {
      const names = levels.map(({ name }) => name).join(",");
      return {
        kind: "unavailable",
        reason: `this transfer was begun with LEVELS=${names}; set that on every tracker, or deactivate and activate the transfer`,
      };
    }
    const outcome = receive(swarm, { announce, terms, now: clock(now), random: this.#parts.random }, this.#handout);
    if (announce.event !== "none") noteEvent(swarm.table.byId.find(announce.peerId), announce.event, now);
    return outcome.kind === "accepted" ? { ...outcome, handout: handoutOf(outcome.handout.peers()) } : outcome;
  }

  /** Whoever waited too long is told so, whatever Redis does. */
  #setAlarm(): void {
    if (this.#alarm !== undefined) return;
    this.#alarm = setTimeout(() => {
      this.#alarm = undefined;
      this.#refuseLate();
      if (this.#waiting.length + this.#answering.size > 0) this.#setAlarm();
    }, ALARM_EVERY_MS).unref();
  }

  #refuseLate(): void {
    const now = this.#parts.elapsed();
    const isLate = ({ deadline }: Waiting) => deadline <= now;
    const late = [...this.#answering, ...this.#waiting].filter(isLate);
    if (late.length === 0) return;
    this.#waiting = this.#waiting.filter((waiting) => !isLate(waiting));
    const reason = this.#parts.explain(undefined);
    for (const { settle } of late) settle({ kind: "unavailable", reason });
  }
}

/** One that is not gone was listed as such for an old reason, and is listed anew. */
function dismissOne(swarm: Swarm, slot: number, now: number): boolean {
  const isOver = isGone(swarm, slot, now);
  if (isOver) swarm.remove(slot, now);
  else swarm.table.listener.changed(slot);
  return isOver;
}
