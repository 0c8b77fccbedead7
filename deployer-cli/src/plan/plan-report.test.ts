import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { columnsOf } from "../output/terminal.ts";
import { GOLDEN_PAPERS, type GoldenPaper, printed } from "../output/paper.ts";
import { assembleFleet, type HostCounts, numberedRacks } from "./fleet.ts";
import { makePlan } from "./plan.ts";
import { planJson } from "./plan-json.ts";
import { printPlan } from "./plan-report.ts";
import type { PlanRequest } from "./plan-request.ts";
import { refuseOverBudget, refuseTooSlow } from "./refusals.ts";

const GIB = 2 ** 30;

function request(hosts: HostCounts, slow: Readonly<Record<string, number>>, more: Partial<PlanRequest>): PlanRequest {
  const datacenterLinks = more.datacenterSlots === undefined ? undefined : { mbps: 40_000, byName: new Map() };
  const uplinks = { mbps: 10_000, byName: new Map(Object.entries(slow)) };
  return {
    ...assembleFleet(hosts, { uplinks, datacenterLinks }),
    payloadBytes: 4 * GIB,
    accessMbps: 1000,
    originMbps: 10_000,
    budget: 0.3,
    rackSlots: 2,
    datacenterSlots: 2,
    clientMbps: undefined,
    ...more,
  };
}

const FLEET = numberedRacks({ racks: 40, hosts: 30, datacenters: 0 });
const CASES: Readonly<Record<string, PlanRequest>> = {
  fleet: request(FLEET, { rack7: 1000 }, {}),
  datacenters: request(
    new Map([
      ["amsterdam1/row4/rack12-upper-half", 12],
      ["frankfurt2/row1/rack1", 30],
      ["frankfurt2/row1/rack2", 30],
    ]),
    {},
    { datacenterSlots: 2, budget: 1 },
  ),
};

describe.each(Object.keys(GOLDEN_PAPERS) as GoldenPaper[])("a plan on paper of %s columns", (paper) => {
  it.each(Object.entries(CASES))("is printed as the golden file has it: %s", async (name, asked) => {
    const text = printed(paper, (terminal) =>
      terminal.print(printPlan(makePlan(asked), { columns: columnsOf(terminal.stdout), colors: terminal.colors })),
    );
    // eslint-disable-next-line no-control-regex
    const widths = text.split("\n").map((line) => line.replace(/\u001b\[\d+m/g, "").length);
    expect(Math.max(...widths)).toBeLessThanOrEqual(GOLDEN_PAPERS[paper].columns);
    // To accept a change that is meant: vitest run deployer-cli/src/plan --update
    await expect(text).toMatchFileSnapshot(`../../golden/plan-${name}.${paper}.txt`);
  });
});

it("keeps no golden file of a plan that no case prints", () => {
  const wanted = Object.keys(CASES).flatMap((name) => Object.keys(GOLDEN_PAPERS).map((p) => `plan-${name}.${p}.txt`));
  const kept = readdirSync(new URL("../../golden/", import.meta.url)).filter((name) => name.startsWith("plan-"));
  expect(kept.sort()).toEqual(wanted.sort());
});

describe("a plan for scripts", () => {
  it("has every rack by itself, and what to set", () => {
    const json = JSON.parse(JSON.stringify(planJson(makePlan(CASES["fleet"]!)))) as Record<string, unknown>;
    expect(json["racks"]).toHaveLength(40);
    expect(json).toMatchObject({
      hosts: 1200,
      clientMbps: 150,
      settings: { tracker: { MAX_REPR_RACK: "2" }, hosts: { kiBps: 18_310 }, origin: { kiBps: 366_210 } },
    });
  });
});

describe("a plan over budget", () => {
  const limited = (kiBps: number, slots = 2) => {
    return { ...CASES["fleet"]!, rackSlots: slots, clientMbps: (kiBps * 8192) / 1e6 };
  };

  it("is refused with the link, and every remedy that would do", () => {
    expect(() => refuseOverBudget(limited(36_621))).toThrow(
      "2 slots × 300 Mbit/s may take 60 % of the uplink of rack7 (1000 Mbit/s), the budget is 30 %.\n" +
        "Either limit clients to 18310 KiB/s (--client-kib 18310), or give racks one slot (--max-repr-rack 1), or allow more (--budget 60%).",
    );
  });

  it("is none with the limit, the slots or the budget that the refusal names", () => {
    expect(() => refuseOverBudget(limited(18_310))).not.toThrow();
    expect(() => refuseOverBudget(limited(36_621, 1))).not.toThrow();
    expect(() => refuseOverBudget({ ...limited(36_621), budget: 0.6 })).not.toThrow();
  });
});

describe("a plan past its deadline", () => {
  const refusal = (deadlineSeconds: number): string => {
    const asked = CASES["fleet"]!;
    try {
      refuseTooSlow(asked, makePlan(asked).estimate, deadlineSeconds);
      return "";
    } catch (error) {
      return String(error);
    }
  };

  it("is refused with the rack and what would do, which does", () => {
    const message = refusal(900);
    expect(message).toMatch(
      /rack\d+ would be complete after \d+ min .*the deadline is 15 min 0 s\.\nEnough would be .*--budget \d+%/,
    );
    const budget = Number(/--budget (\d+)%/.exec(message)?.[1]) / 100;
    expect(makePlan({ ...CASES["fleet"]!, budget }).estimate.totalSeconds).toBeLessThanOrEqual(900);
  });

  it("says how long it takes at least where no budget is enough", () => {
    expect(refusal(5)).toMatch(/With the whole of all links it would be/);
    expect(refusal(1e6)).toBe("");
  });
});
