// Every client downloads by every protocol that it announces by, from origins that announce by HTTP.
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  type StartForeign,
  startAria2WithDht,
  startLibtorrent,
  startTransmission,
} from "../support/foreign-clients.ts";
import { type ClientStart, type ClientWorld, type HostClient, startClientWorld } from "./client-world.ts";

let world: ClientWorld;
beforeAll(async () => {
  world = await startClientWorld();
  await world.startOrigin();
  await world.startPromptOrigin();
});
afterAll(() => world.close());

const rtorrent = (start: ClientStart) => world.rtorrent(start);
const foreign = (client: StartForeign) => (start: ClientStart) => world.foreign(client, start);

interface Case {
  readonly client: string;
  readonly protocol: "http" | "udp";
  readonly address: string;
  readonly start: (start: ClientStart) => Promise<HostClient>;
}

it.each<Case>([
  { client: "libtorrent", protocol: "http", address: "127.0.1.1", start: foreign(startLibtorrent) },
  { client: "libtorrent", protocol: "udp", address: "127.0.1.2", start: foreign(startLibtorrent) },
  { client: "rtorrent", protocol: "udp", address: "127.0.1.3", start: rtorrent },
  { client: "aria2", protocol: "udp", address: "127.0.1.4", start: foreign(startAria2WithDht) },
  { client: "transmission", protocol: "udp", address: "127.0.1.5", start: foreign(startTransmission) },
])("$client downloads by $protocol", async ({ client, protocol, address, start }) => {
  const announce = [`${protocol}://127.0.0.1:${world.port}/announce`];
  await world.untilDownloaded(await start({ address, announce }));
  expect((await world.seenAt(address)).map((seen) => seen.client.split("/")[0])).toEqual([client]);
});

// It announces over both families, with one peer id.
it.each([
  { protocol: "http", address: "127.0.1.6" },
  { protocol: "udp", address: "127.0.1.7" },
])("a libtorrent of both families is one peer, and feeds one that has IPv6 alone, by $protocol", async (way) => {
  const { protocol, address } = way;
  const [v4, v6] = ["127.0.0.1", "[::1]"].map((host) => `${protocol}://${host}:${world.port}/announce`);
  await world.untilDownloaded(
    await world.foreign(startLibtorrent, { address: `${address},::1`, announce: [v4!, v6!] }),
  );
  const both = [expect.stringMatching(`^${address}:`), expect.stringMatching(/^\[::1\]:/)];
  expect((await world.seenAt(address)).map(({ endpoints }) => endpoints)).toEqual([both]);
  await world.untilDownloaded(await world.foreign(startLibtorrent, { address: "::1", announce: [v6!] }));
});
