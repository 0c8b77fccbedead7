// Whole deploys to machines that are reached by ssh; needs root, as namespaces do.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { prepareHosts, type Via } from "./deploylab/preparing.ts";
import { createStage } from "./deploylab/stage.ts";
import { DEFECTS, STORIES, type Story } from "./deploylab/stories.ts";
import { createWorld, disksFor, type World } from "./deploylab/world.ts";
import { mayRunLab } from "./netlab/lab.ts";
import type { LabShape } from "./netlab/shape.ts";

const SHAPE: LabShape = {
  racks: [4, 4, 4],
  datacenters: 0,
  payloadMiB: 16,
  uplinkMbit: 200,
  accessMbit: 800,
  originMbit: 800,
  datacenterMbit: 200,
};
const WAVES = "1,100%";
const DRIVERS: readonly Via[] = ["ansible", "pull"];
/** With ansible each takes half a minute: the next deploy that mends a host is told with pull alone. */
const STORIES_OF: Readonly<Record<Via, readonly Story[]>> = {
  ansible: STORIES.filter(({ name }) => name !== "mended"),
  pull: STORIES,
};

if (!mayRunLab()) console.warn("deploylab: skipped, because it makes namespaces and this is not root");

describe.skipIf(!mayRunLab())("a deploy to three racks of four machines", () => {
  const worlds: World[] = [];
  /** What each story came to, by driver and story; both drivers' go on at the same time, since the one works while the other waits. */
  const told = new Map<string, Promise<string>>();

  beforeAll(async () => {
    for (const via of DRIVERS) {
      worlds.push(await createWorld({ shape: SHAPE, label: via, diskMiB: disksFor(SHAPE), ...DEFECTS }));
    }
    worlds.forEach((world, index) => tell(world, DRIVERS[index] as Via));
  });

  afterAll(async () => {
    await Promise.allSettled(told.values());
    for (const world of worlds) await world.close();
  });

  function tell(world: World, via: Via): void {
    const stage = createStage({ world, via, waves: WAVES, sizeMiB: SHAPE.payloadMiB });
    let before: Promise<unknown> = prepareHosts(world, via, false);
    for (const { name, run } of STORIES_OF[via]) {
      const story = before.then(() => run(stage));
      // Each test says so itself.
      story.catch(() => undefined);
      told.set(`${via} ${name}`, story);
      before = story;
    }
  }

  describe.each(DRIVERS)("via %s", (via) => {
    it.each(STORIES_OF[via])("$tells", async ({ name }: Story) => {
      await expect(told.get(`${via} ${name}`)).resolves.toMatch(/^exit/);
    });
  });
});
