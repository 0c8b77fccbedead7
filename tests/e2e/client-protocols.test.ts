// Every client downloads through every protocol that it announces by.
import { afterAll, beforeAll, expect, it } from "vitest";
import { startLibtorrent } from "../support/foreign-clients.ts";
import { type ClientWorld, startClientWorld } from "./client-world.ts";

let world: ClientWorld;
beforeAll(async () => {
  world = await startClientWorld();
  await world.startOrigin();
  await world.startPromptOrigin();
});
afterAll(() => world.close());

it("libtorrent-rasterbar downloads by HTTP", async () => {
  await world.untilDownloaded(await world.foreign(startLibtorrent, { address: "127.0.1.1" }));
  expect(await clientAt("127.0.1.1")).toMatch(/^libtorrent\//);
});

async function clientAt(address: string): Promise<string | undefined> {
  return (await world.seen()).find((client) => client.address === address)?.client;
}
