import fc from "fast-check";
import { expect, it } from "vitest";
import type { InfoHash, PeerId } from "../swarm/identifiers.ts";
import { packReports, unpackReports } from "./report-packing.ts";
import type { TrafficReport } from "./traffic-report.ts";

const report: fc.Arbitrary<TrafficReport> = fc.record({
  infoHash: fc.constantFrom("ab".repeat(20), "cd".repeat(20)).map((text) => text as InfoHash),
  peerId: fc
    .uint8Array({ minLength: 20, maxLength: 20 })
    .map((bytes) => Buffer.from(bytes).toString("latin1") as PeerId),
  user: fc.constantFrom("10.0.0.1", "web-17"),
  address: fc.constantFrom("10.0.0.1", "fd00::1"),
  rack: fc.string({ unit: "binary" }),
  event: fc.constantFrom("none", "started", "completed", "stopped", "paused"),
  uploaded: fc.maxSafeNat(),
  downloaded: fc.maxSafeNat(),
  left: fc.maxSafeNat(),
  reportedAt: fc.maxSafeNat(),
  isUnserved: fc.boolean(),
});

it("gives back the reports that were packed, also after a way between threads", () => {
  fc.assert(
    fc.property(fc.array(report), (reports) => {
      expect(unpackReports(structuredClone(packReports(reports)))).toEqual(reports);
    }),
  );
});
