// When a job is due. node-cron reads the expression; the timer is our own: node-cron's walks through every run that a clock set
// forward has skipped (11 s of standstill for a day), and waits out an hour by which it is set back.
import { createTask } from "node-cron";

export interface Schedule {
  close(): void;
}

/** A timer of Node's waits 24 days at most. */
const LONGEST_WAIT_MS = 60_000;

/** `expression` is cron's, with seconds first. Runs that were missed are not made up for. Throws for a bad expression. */
export function startSchedule(expression: string, onDue: () => void): Schedule {
  const pattern = createTask(expression, () => undefined);
  let due = nextRun();
  let timer = wait();

  function nextRun(): number {
    const [next] = pattern.getNextRuns(1);
    return next?.getTime() ?? Number.POSITIVE_INFINITY;
  }

  function wait(): NodeJS.Timeout {
    return setTimeout(wake, Math.min(Math.max(due - Date.now(), 0), LONGEST_WAIT_MS)).unref();
  }

  function wake(): void {
    const isDue = Date.now() >= due;
    // Earlier than before when the clock was set back.
    due = isDue ? nextRun() : Math.min(due, nextRun());
    timer = wait();
    if (isDue) onDue();
  }

  return {
    close() {
      clearTimeout(timer);
      void pattern.destroy();
    },
  };
}
