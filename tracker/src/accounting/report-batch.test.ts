import fc from "fast-check";
import { expect, it } from "vitest";
import { compactEndpoint, hostOf, type InfoHash, type PeerId } from "../swarm/identifiers.ts";
import { hostAddressText, parseHostAddress } from "../wire/compact-address.ts";
import { type Circumstances, type CountedAnnounce, ReportBatch, unpackReports } from "./report-batch.ts";
import { BATCH_DELTAS } from "./ledger.ts";

const announce: fc.Arbitrary<CountedAnnounce> = fc.record({
  infoHash: fc.constantFrom("ab".repeat(20), "cd".repeat(20)).map((text) => text as InfoHash),
  peerId: fc
    .uint8Array({ minLength: 20, maxLength: 20 })
    .map((bytes) => Buffer.from(bytes).toString("latin1") as PeerId),
  endpoint: fc
    .tuple(fc.constantFrom("10.0.0.1", "255.254.253.0", "fd00::1", "::"), fc.integer({ min: 1, max: 65535 }))
    .map(([host, port]) => compactEndpoint(parseHostAddress(host), port)),
  event: fc.constantFrom("none", "started", "completed", "stopped", "paused"),
  uploaded: fc.maxSafeNat(),
  downloaded: fc.maxSafeNat(),
  left: fc.maxSafeNat(),
});

const circumstances: fc.Arbitrary<Circumstances> = fc.record({
  user: fc.constantFrom("", "web-17"),
  rack: fc.string({ unit: "binary" }),
  reportedAt: fc.maxSafeNat(),
  isUnserved: fc.boolean(),
});

it("gives back the reports that were added, after a way between threads", () => {
  const reports = fc.array(fc.tuple(announce, circumstances), { maxLength: 20 });
  fc.assert(
    fc.property(reports, (added) => {
      const batch = new ReportBatch();
      for (const [one, about] of added) batch.add(one, about);
      const expected = added.map(([{ endpoint, ...rest }, about]) => {
        const address = hostAddressText(hostOf(endpoint));
        return { ...rest, ...about, address, user: about.user || address };
      });
      expect(unpackReports(structuredClone(batch.pack()))).toEqual(expected);
    }),
  );
});

it("has room for a batch, and no more", () => {
  const [one] = fc.sample(announce, 1);
  const [about] = fc.sample(circumstances, 1);
  const batch = new ReportBatch();
  for (let count = 1; count < BATCH_DELTAS; count++) batch.add(one!, about!);
  expect(batch.isFull).toBe(false);
  batch.add(one!, about!);
  expect(batch.isFull).toBe(true);
  expect(unpackReports(batch.pack())).toHaveLength(BATCH_DELTAS);
});
