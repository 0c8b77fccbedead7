import type { Location } from "@rackcast/smdb-adapter";
import { expect, it } from "vitest";
import { announceFrom, announceServiceOver, INFO_HASH } from "../../../tests/support/announce-service.ts";

const RESOLVER = { name: "test", reload: async () => {}, close: async () => {} };

it("keeps an origin without a place out of the rack of the unknown, which it would feed as one of them", async () => {
  const origin = "10.0.9.9";
  const resolver = { ...RESOLVER, locate: () => undefined };
  const { store, service } = announceServiceOver({ resolver, unknownRack: "shared", origins: [origin] });
  await service.announce(announceFrom(origin, { left: 0 }));
  for (const host of ["10.0.1.1", "10.0.1.2"]) await service.announce(announceFrom(host));
  const racks = (await store.inspect(INFO_HASH, 0)).map(({ path }) => path.join("/"));
  expect(racks).toEqual([origin, "unknown", "unknown"]);
});

it("answers a host whose place is awaited at once, with nobody, and has it in no swarm before the place is known", async () => {
  let place: Location | undefined;
  const resolver = { ...RESOLVER, locate: () => place };
  const patience = { waits: () => true };
  const { store, service } = announceServiceOver({ resolver, unknownRack: "shared", patience });
  const waiting = await service.announce(announceFrom("10.0.1.1"));
  expect(waiting).toMatchObject({ kind: "peers", warning: expect.stringContaining("looked up") as string });
  expect(waiting.kind === "peers" && waiting.handout.v4Length).toBe(0);
  expect(await store.inspect(INFO_HASH, 0)).toEqual([]);
  place = { path: ["rack1"], resolver: "test" };
  await service.announce(announceFrom("10.0.1.1"));
  expect((await store.inspect(INFO_HASH, 0)).map(({ path }) => path)).toEqual([["rack1"]]);
});

it("keeps the handouts of announces whose places are found in one go", async () => {
  const found = new Map<string, (location: Location | undefined) => void>();
  const locate = (address: string) => new Promise<Location | undefined>((resolve) => void found.set(address, resolve));
  const { service } = announceServiceOver({ resolver: { ...RESOLVER, locate }, unknownRack: "own" });
  const hosts = ["10.0.1.1", "10.0.1.2", "10.0.1.3"];
  const replies = Promise.all(hosts.map(async (host) => service.announce(announceFrom(host))));
  for (const host of hosts) found.get(host)?.({ path: ["rack1"], resolver: "late" });
  const sizes = (await replies).map((reply) => (reply.kind === "peers" ? reply.handout.v4Length / 6 : -1));
  expect(sizes[0]).toBe(0);
  expect(new Set(sizes).size).toBeGreaterThan(1);
});
