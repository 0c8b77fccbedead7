import { describe, expect, it } from "vitest";
import { createTerminal } from "../output/terminal.ts";
import { planDemo } from "./demo-plan.ts";
import { printReport, reportDemo } from "./demo-report.ts";
import { createSourceLedger } from "./source-ledger.ts";

const PAYLOAD_BYTES = 1000;
const plan = planDemo({ racks: 2, hosts: 2 });
const peer = (address: string, downTotal: number) => ({ address, peerId: address, downTotal });

function example(wrongHost?: string) {
  const ledger = createSourceLedger();
  ledger.observe("127.0.1.1", { downTotal: 1000, peers: [peer("127.0.100.1", 900), peer("127.0.2.1", 100)] });
  ledger.observe("127.0.1.2", { downTotal: 1000, peers: [peer("127.0.1.1", 1000)] });
  ledger.observe("127.0.2.1", { downTotal: 1000, peers: [peer("127.0.100.1", 1000)] });
  ledger.observe("127.0.2.2", { downTotal: 1050, peers: [peer("127.0.2.1", 1000)] });
  const outcomes = plan.hosts.map((host, index) => ({
    host,
    seconds: index + 1,
    verified: host.address !== wrongHost,
  }));
  const payload = { name: "release", infoHash: "00".repeat(20), lengthBytes: PAYLOAD_BYTES };
  return reportDemo({
    plan,
    payload,
    speeds: { uplinkMbps: 50, accessMbps: 200, receiveMbps: 66, originMbps: 400 },
    outcomes,
    ledger,
  });
}

describe("the demo's report", () => {
  it("counts other racks and the origin as outside, and bytes of unknown source too", () => {
    expect(example().racks).toEqual([
      { rack: "rack1", hosts: 2, seconds: 2, outsideBytes: 1000, copies: 1, crossed: ["127.0.1.1"], verifiedHosts: 2 },
      {
        rack: "rack2",
        hosts: 2,
        seconds: 4,
        outsideBytes: 1050,
        copies: 1.05,
        crossed: ["127.0.2.1", "127.0.2.2"],
        verifiedHosts: 2,
      },
    ]);
  });

  it("is not verified when one host is wrong, and says where", () => {
    const report = example("127.0.2.2");
    expect(report.verified).toBe(false);
    const { colors } = createTerminal(process.stdout, process.stderr, { NO_COLOR: "1" });
    const text = printReport(report, colors);
    expect(text).toContain("1 of 2 right");
    expect(text).toContain("some files are wrong");
    expect(text).toMatch(/rack2 +2 +4\.0 s +1\.0 KiB +1\.05 +2: 127\.0\.2\.1, 127\.0\.2\.2/);
  });
});
