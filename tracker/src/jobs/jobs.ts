// Runs the tracker's recurring jobs, each by its schedule, while this tracker is the one that has them.
import type { FencingToken, Leadership, Term } from "./leadership.ts";
import { type Schedule, startSchedule } from "./schedule.ts";

export interface Job {
  /** Named in the log when it fails. */
  readonly name: string;
  /** A cron expression with seconds first: `0,30 * * * * *` is twice a minute. */
  readonly schedule: string;
  /** Bounded work. Ends soon, by returning or by throwing, once the signal is aborted. */
  run(token: FencingToken, signal: AbortSignal): unknown;
}

export interface JobsOptions {
  readonly jobs: readonly Job[];
  readonly leadership: Leadership;
  /** A run that failed; the next one comes all the same. */
  readonly onError: (error: unknown, job: string) => void;
}

export interface Jobs {
  /** Aborts what runs, and resolves when it has ended. */
  close(): Promise<void>;
}

/** No job overlaps itself: a run that is due while the one before goes on is left out. */
export function startJobs({ jobs, leadership, onError }: JobsOptions): Jobs {
  const closing = new AbortController();
  const running = new Map<Job, Promise<void>>();
  let ending: { readonly term: Term; readonly signal: AbortSignal } | undefined;
  const schedules = jobs.map((job): Schedule => startSchedule(job.schedule, () => begin(job)));

  function begin(job: Job): void {
    const term = leadership.term();
    if (term === undefined || running.has(job)) return;
    const run = runJob(job, term.token, signalOf(term)).finally(() => running.delete(job));
    running.set(job, run);
  }

  /** One signal a term: those that AbortSignal.any makes live as long as what they are made of. */
  function signalOf(term: Term): AbortSignal {
    if (ending?.term !== term) ending = { term, signal: AbortSignal.any([term.signal, closing.signal]) };
    return ending.signal;
  }

  async function runJob(job: Job, token: FencingToken, signal: AbortSignal): Promise<void> {
    try {
      await job.run(token, signal);
    } catch (error) {
      // What was aborted fails in many words: Node's own functions throw an AbortError of theirs.
      if (!signal.aborted) onError(error, job.name);
    }
  }

  return {
    async close() {
      for (const schedule of schedules) schedule.close();
      closing.abort();
      await Promise.all(running.values());
    },
  };
}
