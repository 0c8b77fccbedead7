// What every topology resolver must do, whatever it asks: one call per resolver runs all of it.
import type { Location, TopologyPath, TopologyResolver } from "@rackcast/smdb-adapter";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

/** The fleet that a resolver under test must know, host by host. Three levels deep; neighbours are elsewhere. */
const KNOWN_HOSTS: ReadonlyMap<string, TopologyPath> = new Map([
  ["10.77.1.5", ["ams1", "row1", "rack1"]],
  ["10.77.1.6", ["ams1", "row1", "rack1"]],
  ["10.77.1.7", ["ams1", "row2", "rack1"]],
  ["192.0.2.255", ["fra1", "row1", "rack-07"]],
  ["2001:db8::5", ["ams1", "row1", "rack1"]],
  ["2001:db8:0:1::a", ["fra1", "row1", "rack-07"]],
]);

const UNKNOWN_HOSTS = [
  "10.77.1.4",
  "10.77.1.8",
  "192.0.2.254",
  "198.51.100.1",
  "2001:db8::6",
  "2001:db8:0:2::a",
  "::1",
];

export interface ResolverUnderTest {
  readonly resolver: TopologyResolver;
  /** Names that its locations may carry; its own when left out. */
  readonly answeredBy?: readonly string[];
  /** What it says of a place for which it has names of its own; the place itself when left out. */
  readonly expected?: (path: TopologyPath) => TopologyPath;
  /** Ends what the resolver asks, after the resolver is closed. */
  readonly stop?: () => Promise<void>;
}

/** `create` builds the resolver over something real that knows exactly the given hosts. */
export function topologyResolverSuite(
  name: string,
  create: (hosts: ReadonlyMap<string, TopologyPath>) => Promise<ResolverUnderTest>,
): void {
  describe(`topology resolver: ${name}`, () => {
    let subject: ResolverUnderTest;
    beforeAll(async () => void (subject = await create(KNOWN_HOSTS)));
    afterAll(async () => {
      await subject.resolver.close();
      await subject.stop?.();
    });
    const expected = (path: TopologyPath): TopologyPath => subject.expected?.(path) ?? path;
    const locate = async (address: string): Promise<Location | undefined> => subject.resolver.locate(address);

    it.each([...KNOWN_HOSTS])("knows where %s is, outermost group first", async (address, path) => {
      expect((await locate(address))?.path).toEqual(expected(path));
    });

    it.each(UNKNOWN_HOSTS)("answers that %s is unknown, which is no error", async (address) => {
      expect(await locate(address)).toBeUndefined();
    });

    it("says who answered", async () => {
      const names = subject.answeredBy ?? [subject.resolver.name];
      expect(names).toContain((await locate("10.77.1.5"))?.resolver);
      expect(subject.resolver.name).not.toBe("");
    });

    it("gives each of many who ask at once the answer to their own question", async () => {
      const addresses = Array.from({ length: 20 }, () => [...KNOWN_HOSTS.keys(), ...UNKNOWN_HOSTS]).flat();
      const locations = await Promise.all(addresses.map(locate));
      const paths = addresses.map((address) => KNOWN_HOSTS.get(address)).map((path) => path && expected(path));
      expect(locations.map((location) => location?.path)).toEqual(paths);
    });

    it("gives the same answer again", async () => {
      expect(await locate("2001:db8::5")).toEqual(await locate("2001:db8::5"));
    });

    it("closes, and closes again", async () => {
      const { resolver, stop } = await create(KNOWN_HOSTS);
      await resolver.close();
      await expect(resolver.close()).resolves.toBeUndefined();
      await stop?.();
    });
  });
}
