// Holds when jobs run, when not, and what becomes of those that fail.
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type Job, type Jobs, startJobs } from "./jobs.ts";
import { type FencingToken, type Leadership, LEADS_ALWAYS, type Term } from "./leadership.ts";

const START = Date.parse("2026-11-24T14:00:00.200Z");
let jobs: Jobs;
beforeEach(() => void vi.useFakeTimers({ now: START }));
afterEach(async () => {
  const closed = jobs.close();
  await vi.runAllTimersAsync();
  await closed;
  vi.useRealTimers();
});

function start(run: Job["run"], { schedule = "* * * * * *", leadership = LEADS_ALWAYS } = {}) {
  const errors: [unknown, string][] = [];
  const job = { name: "sweep", schedule, run };
  jobs = startJobs({ jobs: [job], leadership, onError: (...error) => errors.push(error) });
  return errors;
}

it("runs a job on every second of the clock that its schedule names", async () => {
  const runs: number[] = [];
  start(() => runs.push(Date.now() - START), { schedule: "*/10 * * * * *" });
  await vi.advanceTimersByTimeAsync(30_000);
  expect(runs).toEqual([9800, 19_800, 29_800]);
});

it("leaves a run out while the one before goes on", async () => {
  let runs = 0;
  start(async () => {
    runs++;
    await new Promise((resolve) => setTimeout(resolve, 2500));
  });
  await vi.advanceTimersByTimeAsync(9000);
  expect(runs).toBe(3);
});

it("tells of a run that failed, by the job's name, and goes on", async () => {
  const failure = new Error("no such luck");
  const errors = start(async () => Promise.reject(failure));
  await vi.advanceTimersByTimeAsync(2000);
  expect(errors).toEqual([
    [failure, "sweep"],
    [failure, "sweep"],
  ]);
});

it("goes on after a job that threw at once", async () => {
  const errors = start(() => {
    throw new Error("at once");
  });
  await vi.advanceTimersByTimeAsync(3000);
  expect(errors).toHaveLength(3);
});

it("runs nothing while the jobs are another tracker's", async () => {
  const tokens: FencingToken[] = [];
  const leadership = createLeadership();
  start((token) => tokens.push(token), { leadership });
  await vi.advanceTimersByTimeAsync(2000);
  expect(tokens).toEqual([]);
  leadership.lead(7);
  await vi.advanceTimersByTimeAsync(2000);
  expect(tokens).toEqual([7, 7]);
});

it("aborts what runs when the jobs become another tracker's, and calls that no failure", async () => {
  const leadership = createLeadership();
  const end = leadership.lead(1);
  const tokens: FencingToken[] = [];
  const errors = start(
    async (token, signal) => {
      tokens.push(token);
      await untilAborted(token, signal);
    },
    { leadership },
  );
  await vi.advanceTimersByTimeAsync(3000);
  end();
  leadership.lead(2);
  await vi.advanceTimersByTimeAsync(3000);
  expect({ tokens, errors }).toEqual({ tokens: [1, 2], errors: [] });
});

it("aborts what runs at the end, waits for it, and never runs it again", async () => {
  let ended = 0;
  const errors = start(async (token, signal) => untilAborted(token, signal).finally(() => ended++));
  await vi.advanceTimersByTimeAsync(1000);
  await jobs.close();
  expect(ended).toBe(1);
  await vi.advanceTimersByTimeAsync(5000);
  expect({ ended, errors }).toEqual({ ended: 1, errors: [] });
});

it("stands still neither for a clock set forward by a year nor for one set back by an hour", async () => {
  let runs = 0;
  start(() => runs++);
  vi.setSystemTime(START + 365 * 86_400_000);
  const before = performance.now();
  await vi.advanceTimersByTimeAsync(3000);
  expect(runs).toBeGreaterThanOrEqual(3);
  vi.setSystemTime(START - 3_600_000);
  runs = 0;
  await vi.advanceTimersByTimeAsync(3000);
  expect(runs).toBeGreaterThanOrEqual(2);
  expect(performance.now() - before).toBeLessThan(10_000);
});

it("refuses a schedule that is none", () => {
  jobs = startJobs({ jobs: [], leadership: LEADS_ALWAYS, onError: () => undefined });
  const bad = { name: "sweep", schedule: "now and then", run: () => undefined };
  expect(() => startJobs({ jobs: [bad], leadership: LEADS_ALWAYS, onError: () => undefined })).toThrow("fields");
});

async function untilAborted(_token: FencingToken, signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
}

function createLeadership(): Leadership & { lead(token: number): () => void } {
  let current: Term | undefined;
  return {
    term: () => current,
    lead(token) {
      const ending = new AbortController();
      current = { token: token as FencingToken, signal: ending.signal };
      return () => ending.abort();
    },
  };
}
