// A little of `npm run fuzz` with fixed seeds: each run throws at the first wrong answer, uncounted fault or leak. The counts show that it got behind the first checks.
import { expect, it } from "vitest";
import { fuzzHttpAnswers } from "../fuzz/http-answers.ts";
import { fuzzLive } from "../fuzz/live.ts";
import { fuzzHttpTcp, fuzzWebsocketTcp } from "../fuzz/tcp.ts";
import { fuzzUdp } from "../fuzz/udp.ts";
import { fuzzUdpSocket } from "../fuzz/udp-sockets.ts";
import { fuzzWebtorrent } from "../fuzz/webtorrent.ts";

const SEED = 20_261_125;

it("answers datagrams as the protocol says, none with more bytes than came from a stranger", async () => {
  const { outcomes, faults } = await fuzzUdp({ inputs: 6_000, seed: SEED });
  for (const outcome of [
    "announce: announce",
    "scrape: scrape",
    "connect: connect",
    "stranger: error",
    "refused: error",
  ])
    expect(outcomes[outcome]).toBeGreaterThan(50);
  expect(Object.keys(faults)).toHaveLength(9);
});

it.each(["batched", "dgram"] as const)("says on a %s socket what it says in memory", async (kind) => {
  const { outcomes } = await fuzzUdpSocket(kind, { inputs: 600, seed: SEED });
  expect(outcomes["compared"]).toBeGreaterThan(50);
});

it("answers requests by sound HTTP with sound bencode, and counts what it refuses", async () => {
  const { outcomes } = await fuzzHttpAnswers({ inputs: 2_000, seed: SEED });
  for (const outcome of ["announce", "scrape", "refused with 200", "refused with 400"])
    expect(outcomes[outcome]).toBeGreaterThan(50);
});

it("passes offers and answers of WebTorrent clients to whom they are for, and refuses and counts what is malformed", async () => {
  const { outcomes } = await fuzzWebtorrent({ inputs: 1_500, seed: SEED });
  for (const outcome of ["offer passed on", "answer passed on", "reply: announce", "reply: failure"])
    expect(outcomes[outcome]).toBeGreaterThan(20);
});

it("acknowledges or refuses every request on the live channel, and tells of what is followed alone", async () => {
  const { outcomes } = await fuzzLive({ inputs: 1_500, seed: SEED });
  for (const outcome of ["event", "reply: ok", "reply: error"]) expect(outcomes[outcome]).toBeGreaterThan(200);
});

it("ends every connection that is over", async () => {
  for (const report of [
    await fuzzHttpTcp({ inputs: 60, seed: SEED }),
    await fuzzWebsocketTcp("webtorrent", { inputs: 30, seed: SEED }),
    await fuzzWebsocketTcp("live", { inputs: 30, seed: SEED }),
  ])
    expect(report.outcomes["answered"]).toBeGreaterThan(report.inputs * 0.9);
});
