import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createCachedResolver } from "./cache/cached-resolver.ts";
import { createChain } from "./chain.ts";
import { createLocalLink } from "./local-link.ts";
import { prefetch } from "./prefetch.ts";
import { createSubnetResolver } from "./resolvers/subnet.ts";
import type { Location, TopologyResolver } from "./topology-resolver.ts";

const HOST = "10.77.1.5";
const WAIT_MS = 1_000;

const clock = { ms: 0 };
beforeEach(() => {
  clock.ms = 1_000_000;
  vi.useFakeTimers();
});
afterEach(() => void vi.useRealTimers());

const now = () => clock.ms;

async function pass(seconds: number): Promise<void> {
  for (let left = seconds * 1000; left > 0; left -= 10) {
    clock.ms += 10;
    await vi.advanceTimersByTimeAsync(10);
  }
}

/** A service whose answers the test gives, behind a cache. */
function remote(name: string) {
  const lookups: PromiseWithResolvers<Location | undefined>[] = [];
  const resolver: TopologyResolver = {
    name,
    locate() {
      const lookup = Promise.withResolvers<Location | undefined>();
      lookups.push(lookup);
      return lookup.promise;
    },
    reload: async () => {},
    close: async () => {},
  };
  const link = createCachedResolver(resolver, { ttlSeconds: 60, negativeTtlSeconds: 10, waitMs: WAIT_MS, now });
  return { link, lookups, at: (rack: string): Location => ({ path: [rack], resolver: name }) };
}

function subnet(prefix = "10.77.0.0/16", path = "fallback") {
  return createLocalLink(createSubnetResolver({ prefixes: [{ prefix, path, source: "test" }] }));
}

function local(locate: TopologyResolver["locate"]) {
  return createLocalLink({ name: "local", locate, reload: async () => {}, close: async () => {} });
}

const chainOf = (...links: Parameters<typeof createChain>[0]) => createChain(links, { waitMs: WAIT_MS, now });

/** The outcome once it is there, and how many seconds it took. */
function watch<T>(asked: Promise<T> | T): { outcome: T | undefined; seconds: number } {
  const startedAt = clock.ms;
  const watched: { outcome: T | undefined; seconds: number } = {
    outcome: undefined,
    seconds: Number.POSITIVE_INFINITY,
  };
  void Promise.resolve(asked).then((outcome) => {
    watched.outcome = outcome;
    watched.seconds = (clock.ms - startedAt) / 1000;
  });
  return watched;
}

async function timed<T>(asked: Promise<T> | T): Promise<{ outcome: T | undefined; seconds: number }> {
  const watched = watch(asked);
  await pass(3);
  return watched;
}

describe("chain", () => {
  it("answers with the first that knows, and asks none behind it", async () => {
    const [first, second] = [remote("first"), remote("second")];
    const chain = chainOf(subnet("10.99.0.0/16"), first.link, second.link);
    const asked = chain.locate(HOST);
    first.lookups[0]?.resolve(first.at("rack1"));
    expect(await asked).toEqual(first.at("rack1"));
    expect(second.lookups).toHaveLength(0);
  });

  it("answers without a promise when all that are asked remember", async () => {
    const [first, second] = [remote("first"), remote("second")];
    const chain = chainOf(first.link, second.link, subnet());
    const asked = chain.locate(HOST);
    first.lookups[0]?.resolve(undefined);
    await pass(0.01);
    second.lookups[0]?.resolve(second.at("rack2"));
    await asked;
    expect(chain.locate(HOST)).toEqual(second.at("rack2"));
  });

  it("passes over one that fails, and asks it again soon", async () => {
    const first = remote("first");
    const chain = chainOf(first.link, subnet());
    const asked = chain.locate(HOST);
    first.lookups[0]?.reject(new Error("503"));
    expect(await asked).toMatchObject({ path: ["fallback"] });
    expect(chain.locate(HOST)).toMatchObject({ path: ["fallback"] });
    await pass(5.1);
    const again = chain.locate(HOST);
    first.lookups[1]?.resolve(first.at("rack1"));
    expect(await again).toEqual(first.at("rack1"));
  });

  it("passes over one that is late, and takes its answer when that has come", async () => {
    const first = remote("first");
    const chain = chainOf(first.link, subnet());
    const { outcome, seconds } = await timed(chain.locate(HOST));
    expect(outcome).toMatchObject({ path: ["fallback"] });
    expect(seconds).toBeCloseTo(1, 1);
    first.lookups[0]?.resolve(first.at("rack1"));
    await pass(0.01);
    expect(chain.locate(HOST)).toEqual(first.at("rack1"));
  });

  it("prefers what the first one said before to a fresh answer of those behind it", async () => {
    const first = remote("first");
    const chain = chainOf(first.link, subnet());
    const asked = chain.locate(HOST);
    first.lookups[0]?.resolve(first.at("rack1"));
    await asked;
    await pass(61);
    const again = chain.locate(HOST);
    first.lookups[1]?.reject(new Error("503"));
    expect(await again).toEqual(first.at("rack1"));
  });

  it("never waits longer than its time, however many are late, and gives each its share", async () => {
    const links = ["first", "second", "third", "fourth"].map(remote);
    const chain = chainOf(...links.map(({ link }) => link));
    const asked = watch(chain.locate(HOST));
    await pass(0.3);
    expect(links.map(({ lookups }) => lookups.length)).toEqual([1, 1, 0, 0]);
    await pass(1);
    const { outcome, seconds } = asked;
    expect(outcome).toBeUndefined();
    expect(seconds).toBeGreaterThan(0.9);
    expect(seconds).toBeLessThanOrEqual(1);
  });

  it("leaves the time that a quick failure saved to those behind it", async () => {
    const [first, second] = [remote("first"), remote("second")];
    const asked = watch(chainOf(first.link, second.link).locate(HOST));
    first.lookups[0]?.reject(new Error("503"));
    await pass(0.9);
    second.lookups[0]?.resolve(second.at("rack2"));
    await pass(0.01);
    expect(asked.outcome).toEqual(second.at("rack2"));
  });

  it("keeps late-comers no longer than its time, either", async () => {
    const [first, second] = [remote("first"), remote("second")];
    const chain = chainOf(first.link, second.link);
    void chain.locate(HOST);
    await pass(0.4);
    expect((await timed(chain.locate(HOST))).seconds).toBeLessThanOrEqual(1);
    expect(chain.locate(HOST)).toBeUndefined();
  });

  it("knows nothing where a local one breaks, and asks those behind it", () => {
    const broken = local(() => {
      throw new Error("broken");
    });
    const chain = chainOf(broken, subnet());
    expect(chain.locate(HOST)).toMatchObject({ path: ["fallback"] });
    expect(chain.links[0]?.counts).toMatchObject({ failed: 1, known: 0 });
  });

  it("counts what local ones said", () => {
    const chain = chainOf(subnet());
    for (const address of [HOST, HOST, "192.0.2.1"]) void chain.locate(address);
    expect(chain.links[0]?.counts).toMatchObject({ known: 2, unknown: 1 });
  });

  it("knows nothing without a resolver", async () => {
    expect(chainOf().locate(HOST)).toBeUndefined();
    expect(await chainOf().explain(HOST)).toMatchObject({ outcome: "unknown" });
  });
});

describe("explanation of a chain", () => {
  it("is that of the resolver that knows", async () => {
    const first = remote("first");
    const asked = chainOf(first.link, subnet()).explain(HOST);
    first.lookups[0]?.resolve(undefined);
    expect(await asked).toMatchObject({ outcome: "known", location: { resolver: "subnet" } });
  });

  it("is a failure and not `unknown` when one failed and none knows", async () => {
    const first = remote("first");
    const asked = chainOf(first.link, subnet("10.99.0.0/16")).explain(HOST);
    first.lookups[0]?.reject(new Error("503"));
    expect(await asked).toMatchObject({ outcome: "failed", error: expect.stringContaining("503") });
  });

  it("is `late` when one is late and none knows", async () => {
    const chain = chainOf(remote("first").link, subnet("10.99.0.0/16"));
    expect((await timed(chain.explain(HOST))).outcome).toMatchObject({ outcome: "late" });
  });

  it("tells what each one says when all are asked for", async () => {
    const [first, second] = [remote("first"), remote("second")];
    const asked = timed(chainOf(first.link, second.link, subnet()).explainAll(HOST));
    first.lookups[0]?.reject(new Error("503"));
    expect((await asked).outcome).toMatchObject([
      { resolver: "first", outcome: "failed", breakerState: "closed" },
      { resolver: "second", outcome: "late" },
      { resolver: "subnet", outcome: "known", location: { path: ["fallback"] }, breakerState: undefined },
    ]);
  });
});

describe("prefetching", () => {
  it("has a bounded number of lookups under way, waits for each, and warms the chain", async () => {
    const first = remote("first");
    const chain = chainOf(first.link, subnet("10.77.0.0/16"));
    const addresses = Array.from({ length: 100 }, (_, host) => `10.77.1.${host}`);
    let isDone = false;
    const done = prefetch(chain, addresses).then(() => (isDone = true));
    await pass(5);
    expect(first.lookups).toHaveLength(64);
    for (let answered = 0; answered < 100; answered++) {
      expect(isDone).toBe(false);
      if (answered % 10 === 0) first.lookups[answered]?.reject(new Error("503"));
      else first.lookups[answered]?.resolve(first.at("rack1"));
      await pass(0.01);
    }
    await done;
    expect(chain.locate("10.77.1.99")).toEqual(first.at("rack1"));
  });

  it("ends when the chain is closed", async () => {
    const first = remote("first");
    const chain = chainOf(first.link);
    const done = prefetch(chain, ["10.0.0.1", "10.0.0.2"]);
    await chain.close();
    await expect(done).resolves.toBeUndefined();
  });
});
