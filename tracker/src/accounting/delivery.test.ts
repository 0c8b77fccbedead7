// Holds when batches are handed over, how long a sink that fails is left alone, and what is told of it.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createMemoryLedger, type MemoryLedger } from "../../../tests/support/memory-ledger.ts";
import type { Delta } from "./delta.ts";
import { type DeltaSink, SinkError } from "./delta-sink.ts";
import { type Delivery, type DeliveryOptions, startDelivery } from "./delivery.ts";

const START = Date.parse("2026-01-31T12:00:00Z");
const later = (ms: number) => vi.advanceTimersByTimeAsync(ms);

let ledger: MemoryLedger;
let delivery: Delivery | undefined;
let logged: string[];
beforeEach(() => {
  vi.useFakeTimers({ now: START });
  ledger = createMemoryLedger();
  logged = [];
});
afterEach(async () => {
  const closed = delivery?.close();
  await later(5_000);
  await closed;
  expect(vi.getTimerCount()).toBe(0);
  delivery = undefined;
  vi.useRealTimers();
});

/** Fails with what it is given, as long as there is some. */
function createSink() {
  const failures: (Error | Promise<unknown>)[] = [];
  const batches: { at: number; deltas: readonly Delta[] }[] = [];
  const sink: DeltaSink = {
    async write(deltas) {
      batches.push({ at: Date.now() - START, deltas });
      const failure = failures.shift();
      if (failure instanceof Error) throw failure;
      await failure;
    },
    close: async () => {},
  };
  return {
    sink,
    failures,
    batches,
    times: () => batches.map(({ at }) => at),
    sizes: () => batches.map(({ deltas }) => deltas.length),
  };
}

async function start(sink: DeltaSink, more: Partial<DeliveryOptions> = {}): Promise<Delivery> {
  const write = (level: string) => (details: object, message: string) =>
    void logged.push(`${level} ${message} ${JSON.stringify({ ...details, err: undefined })}`);
  delivery = startDelivery({
    ledger,
    sink,
    isLeading: () => true,
    isShared: false,
    log: { error: write("error"), warn: write("warn"), info: write("info") },
    now: Date.now,
    random: () => 0,
    ...more,
  });
  await later(0);
  return delivery;
}

describe("deltas that wait", () => {
  it("from before the start are handed over at once, in full batches while there are some", async () => {
    ledger.add(2_500);
    const { sink, times, sizes } = createSink();
    const { status } = await start(sink);
    expect(sizes()).toEqual([1024, 1024, 452]);
    expect(times()).toEqual([0, 0, 0]);
    expect(ledger.waiting).toEqual([]);
    expect(status()).toEqual({ delivered: 2_500, deliveredAt: START, failure: undefined });
  });

  it("are gathered for a second from the first on", async () => {
    const { sink, times, sizes } = createSink();
    const { wake } = await start(sink);
    for (let at = 0; at < 25; at++) {
      wake(ledger.add(10));
      await later(100);
    }
    await later(5_000);
    expect(times()).toEqual([1_000, 2_000, 3_000]);
    expect(sizes()).toEqual([100, 100, 50]);
  });

  it("are handed over as soon as they fill a batch", async () => {
    const { sink, times, sizes } = createSink();
    const { wake } = await start(sink);
    wake(ledger.add(1_023));
    await later(300);
    wake(ledger.add(1));
    await later(0);
    expect([times(), sizes()]).toEqual([[300], [1_024]]);
  });

  it("are not asked for while nobody says that there are some", async () => {
    const { sink } = createSink();
    const { wake } = await start(sink);
    await later(3_600_000);
    expect(ledger.lookCount).toBe(1);
    wake();
    await later(3_600_000);
    expect(ledger.lookCount).toBe(2);
  });

  it("are looked for every second where others put some", async () => {
    const { sink, times } = createSink();
    await start(sink, { isShared: true });
    await later(10_500);
    expect(ledger.lookCount).toBe(11);
    ledger.add(3);
    await later(1_000);
    expect(times()).toEqual([11_000]);
  });

  it("are another tracker's to hand over while that leads, and looked at anew when it does not", async () => {
    let isLeading = false;
    const { sink, batches, failures } = createSink();
    const { status } = await start(sink, { isShared: true, isLeading: () => isLeading });
    ledger.add(3);
    await later(5_000);
    expect([ledger.lookCount, batches.length]).toEqual([0, 0]);
    isLeading = true;
    failures.push(new SinkError("away"));
    await later(1_000);
    expect(status().failure).toBeDefined();
    isLeading = false;
    await later(1_000);
    expect(status().failure).toBeUndefined();
    await ledger.release(ledger.waiting[1]!);
    isLeading = true;
    await later(1_000);
    expect(batches.map(({ deltas }) => deltas.map(({ sequence }) => sequence))).toEqual([[1, 2, 3], [3]]);
    expect(ledger.waiting).toEqual([]);
  });
});

describe("a sink that fails", () => {
  it("gets the same batch again, after a second at first and after a minute in the end", async () => {
    const { sink, times, batches, failures } = createSink();
    failures.push(...Array.from({ length: 9 }, () => new SinkError("away")));
    ledger.add(3);
    const { wake } = await start(sink);
    wake(ledger.add(5_000));
    await later(600_000);
    const waits = times().flatMap((at, index, all) => (index === 0 ? [] : [at - all[index - 1]!]));
    expect(waits.slice(0, 9)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    for (const { deltas } of batches.slice(0, 10)) expect(deltas.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    expect(ledger.waiting).toEqual([]);
  });

  it("that took deltas in between is left alone for a second again, and told of again", async () => {
    const { sink, times, failures } = createSink();
    failures.push(...Array.from({ length: 4 }, () => new SinkError("away")));
    ledger.add(1);
    const { wake } = await start(sink);
    await later(60_000);
    failures.push(new SinkError("away"));
    wake(ledger.add(1));
    await later(60_000);
    expect(times().slice(-2)).toEqual([61_000, 62_000]);
    expect(logged).toHaveLength(4);
  });

  it("is tried again earlier by chance, at half the time at the earliest", async () => {
    const { sink, times, failures } = createSink();
    failures.push(new SinkError("away"), new SinkError("away"));
    ledger.add(1);
    await start(sink, { random: () => 0.999_999 });
    await later(10_000);
    expect(times()).toEqual([0, 500, 1_500]);
  });

  it.each([
    [30_000, 30_000],
    [100, 1_000],
    [86_400_000, 900_000],
  ])("is left alone for as long as it asks, within reason: %i ms", async (retryAfterMs, waited) => {
    const { sink, times, failures } = createSink();
    failures.push(new SinkError("too many", { retryAfterMs }));
    ledger.add(1);
    const { wake } = await start(sink);
    await later(50);
    wake(ledger.add(2_000));
    await later(waited);
    expect(times().slice(0, 2)).toEqual([0, waited]);
  });

  it("is told of once, and once more when it takes deltas again, with how many had waited", async () => {
    const { sink, failures } = createSink();
    failures.push(...Array.from({ length: 5 }, (_, index) => new SinkError(`away ${index}; start it`)));
    ledger.add(1);
    const { wake, status } = await start(sink);
    wake(ledger.add(4_000));
    await later(8_000);
    expect(status()).toMatchObject({ delivered: 0, failure: { since: START, why: "away 3; start it" } });
    await later(60_000);
    expect(status()).toMatchObject({ delivered: 4_001, failure: undefined });
    expect(logged).toEqual([
      'warn deltas are not delivered; they wait, and are tried again {"why":"away 0; start it"}',
      'info deltas are delivered again {"waited":4001,"since":"2026-01-31T12:00:00.000Z"}',
    ]);
  });

  it("is told of loudly when somebody has to do something, once, whenever that turns out", async () => {
    const { sink, failures } = createSink();
    const refusal = new SinkError("no such user; add it", { isRefusal: true });
    failures.push(new SinkError("away"), refusal, refusal, new SinkError("away"), refusal);
    ledger.add(1);
    await start(sink);
    await later(200_000);
    expect(logged.map((line) => line.split(" ", 1)[0])).toEqual(["warn", "error", "info"]);
    expect(logged[1]).toContain("add it");
  });

  it("that takes a batch which the ledger cannot let go of does not get it again", async () => {
    const { sink, batches } = createSink();
    ledger.add(3);
    let isAway = false;
    ledger.failIf(() => isAway);
    const { status } = await start({
      ...sink,
      write: async (batch) => void (await sink.write(batch), (isAway = true)),
    });
    await later(20_000);
    expect(status().failure?.why).toContain("the ledger is away");
    isAway = false;
    await later(60_000);
    expect([batches.length, ledger.waiting.length, status().delivered]).toEqual([1, 0, 3]);
  });
});

describe("a delivery that is closed", () => {
  it("waits for the batch that is under way, and has it forgotten", async () => {
    const { sink, failures } = createSink();
    const written = Promise.withResolvers<void>();
    failures.push(written.promise);
    ledger.add(2_000);
    const { close } = await start(sink);
    const closed = close();
    await later(1_000);
    written.resolve();
    await closed;
    expect(ledger.waiting).toHaveLength(2_000 - 1_024);
    await later(60_000);
    expect(ledger.waiting).toHaveLength(2_000 - 1_024);
  });

  it("waits five seconds at most", async () => {
    const { sink, failures } = createSink();
    failures.push(new Promise(() => {}));
    ledger.add(1);
    const { close } = await start(sink);
    const closed = close().then(() => Date.now() - START);
    await later(10_000);
    expect(await closed).toBe(5_000);
  });

  it("does nothing more, though it is woken or was putting off a try", async () => {
    const { sink, failures, batches } = createSink();
    failures.push(new SinkError("away"));
    ledger.add(1);
    const { close, wake } = await start(sink);
    await close();
    wake(ledger.add(5_000));
    await later(600_000);
    expect(batches).toHaveLength(1);
  });
});
