import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createMemoryStore } from "../../tracker/src/store/memory-store.ts";
import { openSnapshots } from "../../tracker/src/store/snapshots.ts";
import { DEFAULT_POLICY } from "../../tracker/src/swarm/policy.ts";
import { hostAddressText } from "../../tracker/src/wire/compact-address.ts";
import { announceOf, createClient, INFO_HASH, PAYLOAD, terms } from "./swarm-world.ts";

const AWAY_MS = 30_000;

it("brings peers, standings and told pairs back, and counts the time away for nobody", async () => {
  const folder = await mkdtemp(join(tmpdir(), "rackcast-snapshots-"));
  const file = join(folder, "swarms.sqlite");
  const policy = { ...DEFAULT_POLICY, links: { uplink: 0.05, access: 0.2, origin: 0.2 } };
  const open = (now: number) =>
    createMemoryStore({ policy, random: () => 0.5, addressText: hostAddressText, snapshots: openSnapshots(file) }, now);
  const origin = createClient({ path: ["core"], host: 99 });
  origin.left = 0;
  const hosts = [1, 2, 3, 4, 5].map((host) => createClient({ path: ["r1"], host }));
  let now = 1_700_000_000_000;
  const before = open(now);
  const announce = (store: typeof before, client: typeof origin) =>
    store.announce({ infoHash: INFO_HASH, announce: announceOf(client), terms: terms([origin]), now });
  for (const client of [origin, ...hosts]) void announce(before, client);
  now += 2000;
  const [first] = hosts;
  if (first === undefined) throw new Error("no hosts");
  first.left = PAYLOAD * 0.7;
  expect(announce(before, first)).toMatchObject({ handout: { size: 4 } });
  before.save(now);
  const seen = await before.inspect(INFO_HASH, now);
  await before.close();

  now += AWAY_MS;
  const after = open(now);
  const fields = (views: typeof seen) =>
    views.map(({ peerId, role, path, left, representedLevels }) => ({ peerId, role, path, left, representedLevels }));
  expect(fields(await after.inspect(INFO_HASH, now))).toEqual(fields(seen));
  expect(announce(after, first)).toMatchObject({ handout: { size: 0 } });
  await after.close();
  await rm(folder, { recursive: true });
});
