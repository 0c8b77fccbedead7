// The clients that hosts run download through the tracker: real processes, each at an address of its own, with no root needed.
import { afterEach, beforeEach, expect, it } from "vitest";
import { runCommand } from "../integration/cli-process.ts";
import { startAria2, startQBittorrent, startTransmission } from "../support/foreign-clients.ts";
import { type ClientWorld, startClientWorld } from "./client-world.ts";

let world: ClientWorld;
beforeEach(async () => {
  world = await startClientWorld();
  await world.startOrigin();
});
afterEach(() => world.close());

it("rtorrent downloads a payload from the origin through the tracker", async () => {
  await world.untilDownloaded(await world.rtorrent({ address: "127.0.1.1" }));
  expect((await world.seen()).map(({ client }) => client.split("/")[0])).toEqual(["rtorrent", "rtorrent"]);
});

// Alone with an origin, so that one answer has to do: until its next question are five minutes.
it("qBittorrent downloads a payload from the origin through the tracker", async () => {
  await world.startPromptOrigin();
  await world.untilDownloaded(await world.foreign(startQBittorrent, { address: "127.0.1.4" }));
  expect((await world.seen()).map(({ client }) => client.split("/")[0])).toContain("qBittorrent");
});

// Why there is an aria2 among the origins: aria2 tells of new pieces by a whole bitfield where that is no longer than the HAVEs (with
// 32 pieces always), and at a second bitfield an rtorrent hangs up and refuses the pair for ten minutes. With
// rtorrents alone to take from, an aria2 gets a piece or two from each and no more. Transmission depends on an aria2 in turn: it calls
// no peer in 127.0.0.0/8, and an rtorrent that was complete before Transmission came is told to Transmission, not the other way round.
it("rtorrent, aria2 and Transmission, mixed in two racks, all get a payload through the tracker", async () => {
  await world.startPromptOrigin();
  const clients = [
    await world.rtorrent({ address: "127.0.1.1" }),
    await world.foreign(startAria2, { address: "127.0.1.2" }),
    await world.foreign(startTransmission, { address: "127.0.1.3" }),
    await world.foreign(startAria2, { address: "127.0.2.1" }),
    await world.rtorrent({ address: "127.0.2.2" }),
  ];
  for (const client of clients) await world.untilDownloaded(client);
  const seen = (await world.seen()).map(({ client }) => client.split("/")[0]);
  expect(new Set(seen)).toEqual(new Set(["rtorrent", "aria2", "transmission"]));
});

it("an rtorrent whose host is banned is told why and gets nothing, and downloads by itself once the ban is lifted", async () => {
  const ban = (what: string, ...more: string[]) =>
    runCommand(["ban", what, "127.0.1.1", ...more, "--tracker", `http://127.0.0.1:${world.port}`]);
  expect(await ban("add", "--reason", "in repair")).toMatchObject({ code: 0 });
  const client = await world.rtorrent({ address: "127.0.1.1" });
  const message = async () => (await client.control.list())[0]?.message;
  await expect.poll(message, { timeout: 15_000 }).toMatch(/Failure reason "banned: in repair"/);
  expect((await world.seen()).map(({ address }) => address)).toEqual(["127.0.9.1"]);
  expect(await ban("remove")).toMatchObject({ code: 0 });
  await world.untilDownloaded(client);
});
