import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { TopologyError } from "../errors.ts";
import type { Location, MaybePromise, TopologyResolver } from "../topology-resolver.ts";
import { type CacheEvent, type CacheOptions, createCachedResolver } from "./cached-resolver.ts";

const HOST = "10.77.1.5";
const WAIT_MS = 500;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function at(rack: string): Location {
  return { path: [rack], resolver: "source" };
}

/** A resolver whose answers the test gives, one per lookup. */
function setup(options: Partial<CacheOptions> = {}) {
  const lookups: { address: string; answer: PromiseWithResolvers<Location | undefined> }[] = [];
  const failures: string[] = [];
  const events: CacheEvent[] = [];
  const clock = { ms: 1_000_000 };
  let sync: ((address: string) => MaybePromise<Location | undefined>) | undefined;
  const source: TopologyResolver = {
    name: "source",
    locate(address) {
      const answer = Promise.withResolvers<Location | undefined>();
      lookups.push({ address, answer });
      return sync === undefined ? answer.promise : sync(address);
    },
    reload: async () => {},
    close: async () => {},
  };
  const cached = createCachedResolver(source, {
    ttlSeconds: 60,
    negativeTtlSeconds: 10,
    waitMs: WAIT_MS,
    now: () => clock.ms,
    onEvent(event) {
      events.push(event);
      if (event.kind === "lookup" && event.error !== undefined)
        failures.push(`${event.address} ${event.error.code}: ${event.error.message}`);
    },
    ...options,
  });
  return {
    cached,
    lookups,
    failures,
    events,
    /** Moves the cache's clock and the timers. */
    async pass(seconds: number) {
      clock.ms += seconds * 1000;
      await vi.advanceTimersByTimeAsync(seconds * 1000);
    },
    answerAtOnce(locate: (address: string) => MaybePromise<Location | undefined>) {
      sync = locate;
    },
    /** Asks, and has the source answer. */
    async warm(location: Location | undefined, address = HOST) {
      const waiting = cached.locate(address);
      lookups.at(-1)?.answer.resolve(location);
      expect(await waiting).toEqual(location);
    },
  };
}

describe("cached resolver", () => {
  it("answers without a promise and without asking while an answer is fresh", async () => {
    const { cached, lookups, pass, warm } = setup();
    await warm(at("rack1"));
    await pass(47.9);
    expect(cached.locate(HOST)).toEqual(at("rack1"));
    expect(lookups).toHaveLength(1);
    await pass(12.2);
    expect(cached.locate(HOST)).toBeInstanceOf(Promise);
    expect(lookups).toHaveLength(2);
  });

  it("remembers that an address is unknown, for the negative time", async () => {
    const { cached, lookups, pass, warm } = setup();
    await warm(undefined);
    await pass(7.9);
    expect(cached.locate(HOST)).toBeUndefined();
    expect(lookups).toHaveLength(1);
    await pass(2.2);
    await warm(at("rack2"));
    expect(lookups).toHaveLength(2);
  });

  it("passes on without a promise what the resolver has at hand, and remembers it", () => {
    const { cached, lookups, answerAtOnce } = setup();
    answerAtOnce(() => at("rack1"));
    expect(cached.locate(HOST)).toEqual(at("rack1"));
    expect(cached.locate(HOST)).toEqual(at("rack1"));
    expect(lookups).toHaveLength(1);
  });

  it("looks an address up once for all who ask at the same time", async () => {
    const { cached, lookups } = setup();
    const waiting = Array.from({ length: 50 }, async () => cached.locate(HOST));
    const other = cached.locate("10.77.2.5");
    expect(lookups.map(({ address }) => address)).toEqual([HOST, "10.77.2.5"]);
    lookups[0]?.answer.resolve(at("rack1"));
    lookups[1]?.answer.resolve(at("rack2"));
    expect(new Set(await Promise.all(waiting))).toEqual(new Set([at("rack1")]));
    expect(await other).toEqual(at("rack2"));
  });

  it("lets nobody wait beyond the time-out, while the lookup goes on and is remembered", async () => {
    const { cached, lookups, pass } = setup();
    const waiting = cached.locate(HOST);
    await pass(0.5);
    expect(await waiting).toBeUndefined();
    expect(cached.locate(HOST)).toBeUndefined();
    expect(lookups).toHaveLength(1);
    lookups[0]?.answer.resolve(at("rack1"));
    await pass(0);
    expect(cached.locate(HOST)).toEqual(at("rack1"));
  });

  it("gives a late-comer only what is left of the time-out", async () => {
    const { cached, pass } = setup();
    void cached.locate(HOST);
    await pass(0.4);
    const late = cached.locate(HOST);
    const told = vi.fn<(location: Location | undefined) => void>();
    void Promise.resolve(late).then(told);
    await pass(0.1);
    expect(told).toHaveBeenCalledWith(undefined);
  });

  it("gives the last known answer when a lookup fails, tells the failure once and asks again after a pause", async () => {
    const { cached, lookups, failures, pass, warm } = setup({ errorTtlSeconds: 5 });
    await warm(at("rack1"));
    await pass(61);
    const waiting = cached.locate(HOST);
    lookups[1]?.answer.reject(new Error("503"));
    expect(await waiting).toEqual(at("rack1"));
    await pass(4.9);
    expect(cached.locate(HOST)).toEqual(at("rack1"));
    expect(lookups).toHaveLength(2);
    expect(failures).toEqual([
      `${HOST} RESOLVER_FAILED: resolver source failed for ${HOST}: 503; check that the service behind this resolver is up; known addresses keep their last answer`,
    ]);
    await pass(0.2);
    await warm(at("rack9"));
    expect(lookups).toHaveLength(3);
  });

  it("gives the last known answer when a lookup is late", async () => {
    const { cached, pass, warm } = setup();
    await warm(at("rack1"));
    await pass(61);
    const waiting = cached.locate(HOST);
    await pass(0.5);
    expect(await waiting).toEqual(at("rack1"));
    expect(cached.locate(HOST)).toEqual(at("rack1"));
  });

  it("gives up an answer that is older than may be", async () => {
    const { cached, lookups, pass, warm } = setup({ maxStaleSeconds: 100 });
    await warm(at("rack1"));
    await pass(161);
    const waiting = cached.locate(HOST);
    lookups[1]?.answer.reject(new Error("503"));
    expect(await waiting).toBeUndefined();
  });

  it("does not ask at once again about an address that never had an answer", async () => {
    const { cached, lookups, pass, failures } = setup();
    const waiting = cached.locate(HOST);
    lookups[0]?.answer.reject(new Error("refused"));
    expect(await waiting).toBeUndefined();
    expect(cached.locate(HOST)).toBeUndefined();
    expect(lookups).toHaveLength(1);
    expect(failures).toHaveLength(1);
    await pass(5.1);
    void cached.locate(HOST);
    expect(lookups).toHaveLength(2);
  });

  it("takes a resolver that throws for one that fails", () => {
    const { cached, failures, answerAtOnce } = setup();
    answerAtOnce(() => {
      throw new Error("broken");
    });
    expect(cached.locate(HOST)).toBeUndefined();
    expect(failures).toHaveLength(1);
  });

  it("remembers no more addresses than its bound", () => {
    const { cached, lookups, answerAtOnce } = setup({ maxEntries: 10 });
    answerAtOnce(() => at("rack1"));
    const addresses = Array.from({ length: 100 }, (_, host) => `10.77.1.${host}`);
    for (const address of addresses) void cached.locate(address);
    for (const address of addresses) void cached.locate(address);
    expect(lookups.length).toBeGreaterThanOrEqual(190);
    expect(cached.locate("10.77.1.99")).toEqual(at("rack1"));
  });

  it("has no more lookups under way than its bound, and takes up again when they end", async () => {
    const { cached, lookups, pass } = setup({ maxLookups: 2 });
    for (const address of ["10.0.0.1", "10.0.0.2", "10.0.0.3"]) void cached.locate(address);
    expect(lookups).toHaveLength(2);
    expect(cached.locate("10.0.0.3")).toBeUndefined();
    lookups[0]?.answer.resolve(at("rack1"));
    await pass(0);
    expect(cached.locate("10.0.0.3")).toBeInstanceOf(Promise);
    expect(lookups).toHaveLength(3);
  });

  it("gives up a lookup that takes too long, and looks the address up anew", async () => {
    const { cached, lookups, events, failures, pass } = setup({ maxLookups: 1, timeoutMs: 3_000 });
    void cached.locate(HOST);
    await pass(3);
    expect(failures).toEqual([expect.stringContaining("no answer for 3 s")]);
    expect(events).toMatchObject([{ kind: "lookup", result: "timeout", seconds: 3 }]);
    await pass(6);
    expect(cached.locate(HOST)).toBeInstanceOf(Promise);
    expect(lookups).toHaveLength(2);
    lookups[0]?.answer.resolve(at("late"));
    lookups[1]?.answer.resolve(at("rack1"));
    await pass(0);
    expect(cached.locate(HOST)).toEqual(at("rack1"));
  });

  it("keeps an answer no longer than the answer itself says", async () => {
    const { cached, lookups, pass, warm } = setup();
    await warm({ ...at("rack1"), validSeconds: 10 });
    await pass(7.9);
    expect(cached.locate(HOST)).toMatchObject({ path: ["rack1"] });
    expect(lookups).toHaveLength(1);
    await pass(2.2);
    expect(cached.locate(HOST)).toBeInstanceOf(Promise);
  });

  it("keeps an answer no longer than its own time, whatever the answer says", async () => {
    const { cached, pass, warm } = setup();
    await warm({ ...at("rack1"), validSeconds: 1000 });
    await pass(60.1);
    expect(cached.locate(HOST)).toBeInstanceOf(Promise);
  });

  it("lets go of all who wait when it is closed", async () => {
    const { cached, lookups } = setup();
    const waiting = cached.locate(HOST);
    await cached.close();
    expect(await waiting).toBeUndefined();
    lookups[0]?.answer.reject(new Error("closed"));
    expect(cached.locate("10.0.0.1")).toBeUndefined();
  });
});

describe("a cached answer in the last part of its time", () => {
  it("is looked up again once in the background, while all who ask get it at once", async () => {
    const { cached, lookups, pass, warm } = setup();
    await warm(at("rack1"));
    await pass(50);
    for (let time = 0; time < 10; time++) expect(cached.locate(HOST)).toEqual(at("rack1"));
    expect(lookups).toHaveLength(2);
    lookups[1]?.answer.resolve(at("rack2"));
    await pass(0);
    expect(cached.locate(HOST)).toEqual(at("rack2"));
    await pass(47);
    expect(cached.locate(HOST)).toEqual(at("rack2"));
    expect(lookups).toHaveLength(2);
    expect(cached.counts).toMatchObject({ refreshes: 1, hits: 12, misses: 1, stale: 0 });
  });

  it("lasts its time all the same when that lookup fails", async () => {
    const { cached, lookups, pass, warm } = setup();
    await warm(at("rack1"));
    await pass(50);
    void cached.locate(HOST);
    lookups[1]?.answer.reject(new Error("503"));
    await pass(9.5);
    expect(cached.locate(HOST)).toEqual(at("rack1"));
    expect(lookups).toHaveLength(2);
  });

  it("is left alone while very many are looked up", async () => {
    const { cached, lookups, pass } = setup();
    const addresses = Array.from({ length: 200 }, (_, host) => `10.77.1.${host}`);
    for (const address of addresses) void cached.locate(address);
    for (const { answer } of lookups) answer.resolve(at("rack1"));
    await pass(0);
    await pass(50);
    for (const address of addresses) expect(cached.locate(address)).toEqual(at("rack1"));
    expect(lookups).toHaveLength(264);
  });
});

describe("a cache before a resolver that keeps failing", () => {
  const OTHERS = Array.from({ length: 5 }, (_, host) => `10.0.0.${host}`);

  it("leaves it alone, gives older answers at once, and asks it again after a pause", async () => {
    const { cached, lookups, events, pass, warm, answerAtOnce } = setup();
    await warm(at("rack1"));
    await pass(61);
    answerAtOnce(() => Promise.reject(new TopologyError({ code: "RESOLVER_FAILED", problem: "503" })));
    for (const address of OTHERS) expect(await cached.locate(address)).toBeUndefined();
    expect(cached.breakerState).toBe("open");
    expect(cached.locate(HOST)).toEqual(at("rack1"));
    expect(cached.explain("10.0.0.99")).toMatchObject({ outcome: "failed", error: expect.stringMatching(/^503; /) });
    expect(lookups).toHaveLength(6);
    expect(cached.counts).toMatchObject({ failed: 5, rejected: 2, stale: 1 });

    answerAtOnce(() => Promise.resolve(at("rack2")));
    await pass(5.1);
    expect(await cached.locate(HOST)).toEqual(at("rack2"));
    expect(await cached.locate("10.0.0.99")).toEqual(at("rack2"));
    expect(events.filter(({ kind }) => kind === "breaker")).toMatchObject([
      { state: "open" },
      { state: "half-open" },
      { state: "closed" },
    ]);
  });
});

describe("a cache before a resolver that is asked few at a time", () => {
  const HOSTS = Array.from({ length: 8 }, (_, host) => `10.0.0.${host}`);

  it("counts the time of a lookup from when it is sent, and takes none for failed whose turn does not come", async () => {
    const { cached, lookups, events, pass } = setup({ mostAtOnce: 2, timeoutMs: 3_000 });
    for (const host of HOSTS) void cached.locate(host);
    await pass(0);
    for (let sent = 2; sent <= 6; sent += 2) {
      expect(lookups).toHaveLength(sent);
      await pass(1.4);
      for (const { answer } of lookups.slice(sent - 2)) answer.resolve(at("rack1"));
      await pass(0);
    }
    expect(cached.counts).toMatchObject({ known: 6, late: 2, failed: 0, timeout: 0 });
    expect(cached.breakerState).toBe("closed");
    expect(events.filter((event) => event.kind === "lookup" && event.result === "late")).toMatchObject([
      { address: "10.0.0.6", error: { code: "RESOLVER_BUSY" } },
      { address: "10.0.0.7" },
    ]);
    void cached.locate("10.0.0.7");
    await pass(0);
    expect(lookups.map(({ address }) => address)).toEqual([...HOSTS.slice(0, 6), "10.0.0.7"]);
  });

  it("does not open the circuit breaker for any number of lookups whose turn does not come", async () => {
    const { cached, events, pass } = setup({ mostAtOnce: 1, timeoutMs: 3_000 });
    for (const host of HOSTS) void cached.locate(host);
    await pass(0);
    await pass(3);
    expect(cached.counts).toMatchObject({ timeout: 1, late: 7, failed: 0 });
    expect(events.filter(({ kind }) => kind === "breaker")).toEqual([]);
    expect(cached.breakerState).toBe("closed");
    expect(await cached.explain("10.0.0.1", 0)).toMatchObject({ outcome: "late" });
  });

  it("sends none of those that wait to a resolver that has failed meanwhile, and one to try it", async () => {
    const { cached, lookups, pass } = setup({ mostAtOnce: 5, timeoutMs: 3_000 });
    for (const host of HOSTS) void cached.locate(host);
    await pass(1);
    for (const { answer } of lookups) answer.reject(new Error("503"));
    await pass(0);
    expect(cached.breakerState).toBe("open");
    expect(lookups).toHaveLength(5);
    expect(cached.counts).toMatchObject({ failed: 5, rejected: 3 });
    await pass(5.1);
    for (const host of HOSTS) void cached.locate(host);
    expect(lookups).toHaveLength(6);
  });
});

describe("explanation of a cached resolver", () => {
  it("tells a new answer from a remembered one, and its age", async () => {
    const { cached, lookups, pass } = setup();
    const first = cached.explain(HOST);
    lookups[0]?.answer.resolve(at("rack1"));
    expect(await first).toMatchObject({ outcome: "known", location: at("rack1"), cached: false, ageSeconds: 0 });
    await pass(12.5);
    expect(cached.explain(HOST)).toMatchObject({ location: at("rack1"), cached: true, ageSeconds: 12.5 });
  });

  it("tells a stand-in by its age and the failure", async () => {
    const { cached, lookups, pass, warm } = setup();
    await warm(at("rack1"));
    await pass(70);
    const waiting = cached.explain(HOST);
    lookups[1]?.answer.reject(new Error("503"));
    expect(await waiting).toMatchObject({
      outcome: "known",
      location: at("rack1"),
      cached: true,
      ageSeconds: 70,
      error: expect.stringContaining("503"),
    });
  });

  it("has no age without an answer", async () => {
    const { cached, pass } = setup();
    const waiting = cached.explain(HOST);
    await pass(0.5);
    expect(await waiting).toMatchObject({ outcome: "late", cached: false, ageSeconds: undefined });
  });

  it("tells a failure from an address that is unknown", async () => {
    const { cached, lookups } = setup();
    const failing = cached.explain(HOST);
    lookups[0]?.answer.reject(new Error("503"));
    expect(await failing).toMatchObject({
      outcome: "failed",
      ageSeconds: undefined,
      error: expect.stringContaining("503"),
    });
    expect(cached.explain(HOST)).toMatchObject({ outcome: "failed", cached: true });
    const unknown = cached.explain("10.0.0.1");
    lookups[1]?.answer.resolve(undefined);
    expect(await unknown).toMatchObject({ outcome: "unknown", ageSeconds: 0, error: undefined });
  });
});
