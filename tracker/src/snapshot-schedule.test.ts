import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { startSnapshotSchedule } from "./snapshot-schedule.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A schedule every second, whose saves take as long as told and may fail. */
function start({ tookMs = 0, fails = false } = {}) {
  const seen = { saves: 0, errors: 0 };
  let clock = 0;
  const schedule = startSnapshotSchedule({
    everySeconds: 1,
    save() {
      seen.saves++;
      clock += tookMs;
      if (fails) throw new Error("no space left");
    },
    onError: () => seen.errors++,
    elapsed: () => clock,
  });
  return { seen, schedule };
}

it("saves as often as told while saves are quick", () => {
  const { seen } = start({ tookMs: 40 });
  vi.advanceTimersByTime(10_000);
  expect(seen.saves).toBe(10);
});

it("spends no more than 5 % of the time on saves that take long", () => {
  const { seen } = start({ tookMs: 200 });
  vi.advanceTimersByTime(41_000);
  expect(seen.saves).toBe(11);
});

it("goes on after a save that failed, and tells", () => {
  const { seen } = start({ fails: true });
  vi.advanceTimersByTime(3000);
  expect(seen).toEqual({ saves: 3, errors: 3 });
});

it("saves a last time at the end, and never again", () => {
  const { seen, schedule } = start();
  vi.advanceTimersByTime(1500);
  schedule.close();
  expect(seen.saves).toBe(2);
  vi.advanceTimersByTime(10_000);
  expect(seen.saves).toBe(2);
});
