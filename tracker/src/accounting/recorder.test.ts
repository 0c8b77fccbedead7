import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { CompactEndpoint, InfoHash, PeerId } from "../swarm/identifiers.ts";
import type { Recorded } from "./ledger.ts";
import { createRecorder, type Recorder } from "./recorder.ts";
import { type CountedAnnounce, type PackedReports, unpackReports } from "./report-batch.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const RECORDED: Recorded = { racks: new Map(), restarted: 0, implausible: 0, outOfOrder: 0, pendingCount: 0 };

function announceOf(downloaded: number, event: CountedAnnounce["event"] = "none"): CountedAnnounce {
  return {
    infoHash: "ab".repeat(20) as InfoHash,
    peerId: "-lt0D80-000000000001" as PeerId,
    endpoint: "\x0a\0\0\x01\x1a\xe1" as CompactEndpoint,
    event,
    uploaded: 0,
    downloaded,
    left: 0,
  };
}

const ABOUT = { user: "", rack: "rack1", reportedAt: 0, isUnserved: false };

/** Of a ledger that keeps batches until it is told to take them, or to refuse them. */
function slowRecorder() {
  const batches: PackedReports[] = [];
  const said: string[] = [];
  let settle: { take(): void; refuse(): void } | undefined;
  const recorder = createRecorder({
    record: (batch) => {
      batches.push(batch);
      return new Promise((resolve, reject) => {
        settle = { take: () => resolve(RECORDED), refuse: () => reject(new Error("no space left")) };
      });
    },
    onRecorded: () => {},
    log: { error: (_, message) => said.push(message), info: (_, message) => said.push(message) },
  });
  return {
    recorder,
    said,
    sizes: () => batches.map(({ size }) => size),
    batches,
    async take() {
      settle?.take();
      await vi.advanceTimersByTimeAsync(0);
    },
    async refuse() {
      settle?.refuse();
      await vi.advanceTimersByTimeAsync(0);
    },
  };
}

function noteMany(recorder: Recorder, count: number): void {
  for (let number = 0; number < count; number++) void recorder.note(announceOf(number), ABOUT);
}

it("hands reports on after a second, or as soon as a batch is full", async () => {
  const { recorder, sizes, take } = slowRecorder();
  noteMany(recorder, 3);
  await vi.advanceTimersByTimeAsync(999);
  expect(sizes()).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(sizes()).toEqual([3]);
  await take();
  noteMany(recorder, 1030);
  await vi.advanceTimersByTimeAsync(0);
  expect(sizes()).toEqual([3, 1024]);
  await take();
  expect(sizes()).toEqual([3, 1024]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(sizes()).toEqual([3, 1024, 6]);
});

it("has nothing but the first and the last report of a client waited for, and those together", async () => {
  const { recorder, sizes, take } = slowRecorder();
  expect(recorder.note(announceOf(1), ABOUT)).toBeUndefined();
  expect(recorder.note(announceOf(1, "completed"), ABOUT)).toBeUndefined();
  const answered: string[] = [];
  void recorder.note(announceOf(0, "started"), ABOUT)?.then(() => answered.push("started"));
  await vi.advanceTimersByTimeAsync(4);
  void recorder.note(announceOf(9, "stopped"), ABOUT)?.then(() => answered.push("stopped"));
  expect(sizes()).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(sizes()).toEqual([4]);
  void recorder.note(announceOf(0, "started"), ABOUT)?.then(() => answered.push("the next"));
  expect(answered).toEqual([]);
  await take();
  expect(answered).toEqual(["started", "stopped"]);
  expect(sizes()).toEqual([4, 1]);
  await take();
  expect(answered).toEqual(["started", "stopped", "the next"]);
});

it("has no announce wait for longer than a second", async () => {
  const { recorder } = slowRecorder();
  let isAnswered = false;
  void recorder.note(announceOf(0, "started"), ABOUT)?.then(() => (isAnswered = true));
  await vi.advanceTimersByTimeAsync(999);
  expect(isAnswered).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(isAnswered).toBe(true);
});

it("tries a batch again that was refused, answers meanwhile, and says so once", async () => {
  const { recorder, batches, said, take, refuse } = slowRecorder();
  let isAnswered = false;
  void recorder.note(announceOf(1, "started"), ABOUT)?.then(() => (isAnswered = true));
  await vi.advanceTimersByTimeAsync(5);
  await refuse();
  expect(isAnswered).toBe(true);
  expect(recorder.note(announceOf(2, "stopped"), ABOUT)).toBeUndefined();
  await vi.advanceTimersByTimeAsync(1000);
  await refuse();
  await vi.advanceTimersByTimeAsync(1000);
  await take();
  await vi.advanceTimersByTimeAsync(1000);
  await take();
  expect(batches.map((batch) => unpackReports(batch).map(({ downloaded }) => downloaded))).toEqual([
    [1],
    [1],
    [1],
    [2],
  ]);
  expect(said).toEqual([expect.stringContaining("cannot be recorded"), expect.stringContaining("recorded again")]);
  expect(recorder.counts()).toEqual({ waiting: 0, skipped: 0, lost: 0 });
});

it("is bounded: leaves out what the next report contains, and counts it", async () => {
  const { recorder } = slowRecorder();
  noteMany(recorder, 65_535);
  expect(recorder.isFull()).toBe(false);
  noteMany(recorder, 3);
  expect(recorder.isFull()).toBe(true);
  void recorder.note(announceOf(5, "stopped"), ABOUT);
  expect(recorder.counts()).toEqual({ waiting: 65_537, skipped: 2, lost: 0 });
});

it("records what waits before it closes", async () => {
  const { recorder, sizes, take } = slowRecorder();
  noteMany(recorder, 1500);
  await vi.advanceTimersByTimeAsync(0);
  let isClosed = false;
  void recorder.close().then(() => (isClosed = true));
  await take();
  await take();
  expect(sizes()).toEqual([1024, 476]);
  expect(isClosed).toBe(true);
});
