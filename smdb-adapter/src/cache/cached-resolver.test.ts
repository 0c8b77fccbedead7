import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { TopologyError } from "../errors.ts";
import type { Location, MaybePromise, TopologyResolver } from "../topology-resolver.ts";
import { type CacheOptions, createCachedResolver } from "./cached-resolver.ts";

const HOST = "10.77.1.5";
const TIMEOUT_MS = 500;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function at(rack: string): Location {
  return { path: [rack], resolver: "source" };
}

/** A resolver whose answers the test gives, one per lookup. */
function setup(options: Partial<CacheOptions> = {}) {
  const lookups: { address: string; answer: PromiseWithResolvers<Location | undefined> }[] = [];
  const failures: string[] = [];
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
    timeoutMs: TIMEOUT_MS,
    now: () => clock.ms,
    onFailure: (address: string, error: TopologyError) => failures.push(`${address} ${error.code}: ${error.message}`),
    ...options,
  });
  return {
    cached,
    lookups,
    failures,
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
    await pass(59.9);
    expect(cached.locate(HOST)).toEqual(at("rack1"));
    expect(lookups).toHaveLength(1);
    await pass(0.2);
    expect(cached.locate(HOST)).toBeInstanceOf(Promise);
    expect(lookups).toHaveLength(2);
  });

  it("remembers that an address is unknown, for the negative time", async () => {
    const { cached, lookups, pass, warm } = setup();
    await warm(undefined);
    await pass(9.9);
    expect(cached.locate(HOST)).toBeUndefined();
    expect(lookups).toHaveLength(1);
    await pass(0.2);
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

  it("gives up a lookup that never ends, and looks the address up anew", async () => {
    const { cached, lookups, failures, pass } = setup({ maxLookups: 1 });
    void cached.locate(HOST);
    await pass(61);
    expect(failures).toEqual([expect.stringContaining("no answer for 60 s")]);
    await pass(6);
    expect(cached.locate(HOST)).toBeInstanceOf(Promise);
    expect(lookups).toHaveLength(2);
  });

  it("forgets everything when cleared, lookups under way included", async () => {
    const { cached, lookups, warm } = setup();
    await warm(at("rack1"), "10.0.0.1");
    const waiting = cached.locate(HOST);
    cached.clear();
    lookups[1]?.answer.resolve(at("old"));
    expect(await waiting).toEqual(at("old"));
    await warm(at("new"));
    await warm(at("rack2"), "10.0.0.1");
    expect(cached.locate(HOST)).toEqual(at("new"));
  });

  it("lets go of all who wait when it is closed", async () => {
    const { cached, lookups } = setup();
    const waiting = cached.locate(HOST);
    await cached.close();
    expect(await waiting).toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
    lookups[0]?.answer.reject(new Error("closed"));
    expect(cached.locate("10.0.0.1")).toBeUndefined();
  });
});

describe("explanation of a cached resolver", () => {
  it("tells a new answer from a remembered one, and its age", async () => {
    const { cached, lookups, pass } = setup();
    const first = cached.explain(HOST);
    lookups[0]?.answer.resolve(at("rack1"));
    expect(await first).toEqual({ location: at("rack1"), cached: false, ageSeconds: 0 });
    await pass(12.5);
    expect(cached.explain(HOST)).toEqual({ location: at("rack1"), cached: true, ageSeconds: 12.5 });
  });

  it("tells a stand-in by its age", async () => {
    const { cached, lookups, pass, warm } = setup();
    await warm(at("rack1"));
    await pass(70);
    const waiting = cached.explain(HOST);
    lookups[1]?.answer.reject(new Error("503"));
    expect(await waiting).toEqual({ location: at("rack1"), cached: true, ageSeconds: 70 });
  });

  it("has no age without an answer", async () => {
    const { cached, pass } = setup();
    const waiting = cached.explain(HOST);
    await pass(0.5);
    expect(await waiting).toEqual({ location: undefined, cached: false, ageSeconds: undefined });
  });
});
