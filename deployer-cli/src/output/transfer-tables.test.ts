// What `rackcast status` and `list` print, kept under deployer-cli/golden for people to look at.
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Host, Rack, TransferDetail } from "../api/resources.ts";
import { GOLDEN_PAPERS, type GoldenPaper, printed } from "./paper.ts";
import { hostTable, rackTable, transferLines, transferTable } from "./transfer-tables.ts";

const GOLDEN = join(import.meta.dirname, "../../golden");
const PAPERS = Object.keys(GOLDEN_PAPERS) as GoldenPaper[];

const HOSTS = [
  { address: "10.77.0.2", rack: "ams1/core", role: "origin", progress: 1, seeder: true },
  { address: "10.77.1.1", rack: "ams1/rack1", role: "representative", active: true, progress: 1, seeder: true },
  {
    address: "10.77.1.2",
    rack: "ams1/rack1",
    role: "member",
    progress: 0.626,
    seeder: false,
    downloadRate: 24_117_248,
  },
  { address: "2001:db8:77::2:1", rack: "ams1/rack2", role: "representative", progress: 0.31, seeder: false },
].map(
  (host) => ({ client: "rtorrent/0.13.8", lastSeenAt: "2026-11-26T01:02:03.004Z", downloadRate: 0, ...host }) as Host,
);

const TRANSFER = {
  name: "web-1.2.3",
  infoHash: "0123456789abcdef0123456789abcdef01234567",
  state: "active",
  lengthBytes: 268_435_456,
  fileCount: 1204,
  progress: 0.5267,
  seeders: 2,
  leechers: 2,
  origins: ["10.77.0.2"],
  targets: ["10.77.1.1", "10.77.1.2", "10.77.2.9", "2001:db8:77::2:1"],
  missingHosts: ["10.77.1.2", "10.77.2.9", "2001:db8:77::2:1"],
  activatedAt: "2026-11-26T01:00:00.000Z",
  firstStartedAt: "2026-11-26T01:00:01.000Z",
  lastStartedAt: "2026-11-26T01:00:09.000Z",
  firstCompletedAt: "2026-11-26T01:00:58.000Z",
  lastCompletedAt: null,
  racks: [
    { rack: "ams1/rack1", hosts: 2, representatives: 2, seeders: 1, progress: 0.813 },
    { rack: "ams1/rack2", hosts: 1, representatives: 1, seeders: 0, progress: 0.31 },
  ] as Rack[],
  hosts: HOSTS,
  reports: [
    { address: "10.77.1.1", state: "verified", code: null, message: null, reportedAt: "2026-11-26T01:01:00.000Z" },
    {
      address: "10.77.2.9",
      state: "failed",
      code: "UNREACHABLE",
      message: "port 22: No route to host",
      reportedAt: "2026-11-26T01:00:20.000Z",
    },
  ],
} as unknown as TransferDetail;

describe.each(PAPERS)("on paper of %s", (paper) => {
  it("status shows a transfer, its racks and its hosts", async () => {
    const text = printed(paper, (terminal) =>
      terminal.print(
        [transferLines(TRANSFER), rackTable(TRANSFER.racks, terminal), hostTable(TRANSFER, terminal)].join("\n\n"),
      ),
    );
    await expect(text).toMatchFileSnapshot(join(GOLDEN, `status.${paper}.txt`));
  });

  it("list shows transfers, by name where there is no room for more", async () => {
    const text = printed(paper, (terminal) => terminal.print(transferTable([TRANSFER], terminal)));
    await expect(text).toMatchFileSnapshot(join(GOLDEN, `list.${paper}.txt`));
  });
});

it("tables fit a terminal as far as columns can be left out", () => {
  const text = printed("80-colors", (terminal) => terminal.print(hostTable(TRANSFER, terminal)));
  // eslint-disable-next-line no-control-regex
  const widths = text.split("\n").map((line) => line.replace(/\u001b\[\d+m/g, "").length);
  expect(Math.max(...widths)).toBeLessThanOrEqual(80);
});
