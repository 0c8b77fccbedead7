// What every fuzzer keeps: the clock of its world, what came of its inputs, and how much memory was held early and late.
import { createFaultCounts, type FaultCounts } from "../../tracker/src/frontends/fault-counts.ts";
import { usedBytes } from "../bench/used-bytes.ts";
import { type Chance, createChance, seededRandom } from "./mutation.ts";

export interface FuzzOptions {
  readonly inputs: number;
  readonly seed: number;
}

export interface FuzzReport {
  readonly inputs: number;
  readonly inputsPerSecond: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly longestReplyBytes: number;
  /** How many inputs and replies were of which kind. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** What the front end counted, by kind. */
  readonly faults: Readonly<Record<string, number>>;
  /** In use after garbage collection, when a tenth of the inputs and when all of them were through. */
  readonly usedBytes: { readonly atTenth: number; readonly atEnd: number };
}

export interface FuzzRun {
  readonly chance: Chance;
  readonly random: () => number;
  readonly faults: FaultCounts;
  /** Of all kinds. */
  readonly faultCount: () => number;
  /** Of the world: milliseconds since the epoch, and milliseconds. It stands still while an input is dealt with. */
  readonly now: () => number;
  readonly elapsed: () => number;
  /** What the front end complains of itself is a failure. */
  readonly log: { error(details: object, message: string): void };
  begin(input: Buffer): void;
  note(outcome: string): void;
  noteReply(bytes: number): void;
  /** Throws for what went wrong meanwhile. */
  end(): void;
  /** Nothing may be under way when it is called after `end`. */
  takeStock(): void;
  /** Shows the input, the one under way when none is given, and how to repeat it. */
  failure(what: string, input?: Buffer): Error;
  /** Throws when more memory is held than at a tenth of the inputs, and more than `MOST_GROWTH_BYTES`. */
  report(): FuzzReport;
}

/** Caches that go on filling, compiled code and the accidents of a heap; at ten million inputs a byte for each. */
const MOST_GROWTH_BYTES = 8 * 2 ** 20;
/** A tenth of it is twice the longest life of a silent peer, so that swarms have their full size by then. */
const WORLD_MS = 20_000_000;
/** Short runs end before that; what is to be answered in time must still be. */
const LONGEST_STEP_MS = 100;
const EPOCH_MS = 1_764_000_000_000;
/** Says how far it is. */
const LONG_RUN = 1_000_000;
const LONGEST_SHOWN_BYTES = 4096;

export function createFuzzRun(frontend: string, { inputs, seed }: FuzzOptions): FuzzRun {
  const random = seededRandom(seed);
  const stepMs = Math.min(WORLD_MS / inputs, LONGEST_STEP_MS);
  const counts = createFaultCounts();
  const outcomes = new Map<string, number>();
  const startedAt = performance.now();
  let [done, faultCount, bytesIn, bytesOut, longest, atTenth] = [0, 0, 0, 0, 0, 0];
  let current = Buffer.alloc(0);
  let complaint: unknown;
  const elapsed = () => Math.floor(done * stepMs);

  function failure(what: string, input: Buffer = current): Error {
    const shown = input.subarray(0, LONGEST_SHOWN_BYTES);
    const cut = input.length > shown.length ? `, the first ${shown.length} of ${input.length} bytes` : "";
    return new Error(
      `${what}\ninput ${done} as text${cut}: ${JSON.stringify(shown.toString("latin1"))}\nin hex: ${shown.toString("hex")}\n` +
        `to repeat: npm run fuzz -- --frontend ${frontend} --packets ${inputs} --seed ${seed}`,
    );
  }

  return {
    chance: createChance(random),
    random,
    faults: {
      count(kind) {
        faultCount++;
        counts.count(kind);
      },
      totals: counts.totals,
    },
    faultCount: () => faultCount,
    now: () => EPOCH_MS + elapsed(),
    elapsed,
    log: { error: (details, message) => void (complaint ??= [message, details]) },
    begin(input) {
      current = input as Buffer<ArrayBuffer>;
      bytesIn += input.length;
    },
    note: (outcome) => void outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1),
    noteReply(bytes) {
      bytesOut += bytes;
      longest = Math.max(longest, bytes);
    },
    end() {
      if (complaint !== undefined) throw failure(`the front end complains: ${complaintText(complaint)}`);
      done++;
      if (inputs >= LONG_RUN && done % (inputs / 10) === 0) process.stderr.write(`${(100 * done) / inputs} %\n`);
    },
    takeStock() {
      if (atTenth === 0 && done >= inputs / 10) atTenth = usedBytes();
    },
    failure,
    report() {
      const inputsPerSecond = Math.round((done * 1000) / (performance.now() - startedAt));
      const atEnd = usedBytes();
      const grown = atEnd - atTenth;
      if (grown > MOST_GROWTH_BYTES) throw failure(`${grown} bytes more are held than after a tenth of the inputs`);
      return {
        inputs: done,
        inputsPerSecond,
        bytesIn,
        bytesOut,
        longestReplyBytes: longest,
        outcomes: sorted(outcomes),
        faults: sorted(counts.totals()),
        usedBytes: { atTenth, atEnd },
      };
    },
  };
}

function sorted(counts: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].sort(([one], [other]) => (one < other ? -1 : 1)));
}

function complaintText(complaint: unknown): string {
  return JSON.stringify(complaint, (_, value: unknown) => (value instanceof Error ? value.stack : value));
}

/** All that is due now, promises included. */
export async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
