// What `rackcast status --traffic` prints, kept under deployer-cli/golden for people to look at.
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Traffic } from "../api/resources.ts";
import { GOLDEN_PAPERS, type GoldenPaper, printed } from "./paper.ts";
import { trafficText } from "./traffic-tables.ts";

const GOLDEN = join(import.meta.dirname, "../../golden");
const MIB = 2 ** 20;
const SIZE = 256 * MIB;

const USERS = [
  userOf("ams1/core", "10.77.0.2", 272 * MIB, 0, 4210.004),
  userOf("ams1/rack9", "10.77.1.1", 512 * MIB, 264 * MIB, 3605),
  userOf("ams1/rack9", "10.77.1.2", 0, 256 * MIB, 3599.5),
  userOf("ams1/rack9", "10.77.1.3", 100_000_000, 256 * MIB, 12.25),
  userOf("ams1/rack10", "2001:db8:77::2:1", 256 * MIB, SIZE + 1, 59),
  userOf("ams1/rack10", "nightly-build", 0, 161_061_274, 0),
];

const TRAFFIC: Traffic = {
  ...sumOf(USERS),
  racks: [...Map.groupBy(USERS, ({ rack }) => rack)].map(([rack, users]) => {
    return { rack, users: users.length, ...sumOf(users) };
  }),
  users: USERS,
};

function userOf(rack: string, user: string, uploadedBytes: number, downloadedBytes: number, secondsSeeded: number) {
  return { rack, user, uploadedBytes, downloadedBytes, secondsSeeded, changedAt: "2026-11-26T01:02:03.004Z" };
}

function sumOf(users: typeof USERS) {
  const sum = (field: "uploadedBytes" | "downloadedBytes" | "secondsSeeded") =>
    users.reduce((total, user) => total + user[field], 0);
  const [uploadedBytes, downloadedBytes] = [sum("uploadedBytes"), sum("downloadedBytes")];
  return { uploadedBytes, downloadedBytes, secondsSeeded: sum("secondsSeeded"), changedAt: "2026-11-26T01:02:03.004Z" };
}

describe.each(Object.keys(GOLDEN_PAPERS) as GoldenPaper[])("on paper of %s", (paper) => {
  it("status shows what clients moved, by rack and by user", async () => {
    const counted = { traffic: TRAFFIC, lengthBytes: SIZE, hasUsers: true };
    const text = printed(paper, (terminal) => terminal.print(trafficText(counted, terminal)));
    if (GOLDEN_PAPERS[paper].isTTY) expect(widestLine(text)).toBeLessThanOrEqual(GOLDEN_PAPERS[paper].columns);
    await expect(text).toMatchFileSnapshot(join(GOLDEN, `traffic.${paper}.txt`));
  });
});

function widestLine(text: string): number {
  // eslint-disable-next-line no-control-regex
  return Math.max(...text.split("\n").map((line) => line.replace(/\u001b\[\d+m/g, "").length));
}

describe("traffic", () => {
  const shown = (traffic: Traffic, lengthBytes = SIZE) =>
    printed("200", (terminal) => terminal.print(trafficText({ traffic, lengthBytes }, terminal)));
  const only = (uploadedBytes: number, downloadedBytes: number): Traffic => {
    const users = [userOf("rack1", "10.77.1.1", uploadedBytes, downloadedBytes, 0)];
    return { ...sumOf(users), racks: [{ rack: "rack1", users: 1, ...sumOf(users) }], users };
  };

  it("that was not counted is said to be none", () => {
    expect(shown({ ...only(0, 0), racks: [], users: [], changedAt: null })).toBe(
      "traffic    nothing was counted yet\n",
    );
  });

  it("of clients that downloaded nothing has no ratio, and of an empty payload there are no copies", () => {
    expect(shown(only(MIB, 0), 0).split("\n").at(-2)).toMatch(/^rack1 +1 +0 B +- +- +1 MiB +100 % +- /);
  });

  it("counts a user that moved in two racks once", () => {
    const users = ["rack1", "rack2"].map((rack) => userOf(rack, "nightly-build", 1, 2, 0));
    const racks = users.map(({ rack }) => ({ rack, users: 1, ...sumOf(users) }));
    expect(shown({ ...sumOf(users), racks, users })).toContain("by 1 user in 2 racks");
  });
});
