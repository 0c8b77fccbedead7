// What clients moved, as the REST API tells it from a ledger.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Ledger } from "../../tracker/src/accounting/ledger.ts";
import { openSqliteLedger } from "../../tracker/src/accounting/sqlite-ledger.ts";
import type { TrafficReport } from "../../tracker/src/accounting/traffic-report.ts";
import { reportOf, START } from "../conformance/ledger-world.ts";
import { type Answer, startWorld, torrent, type World } from "./control-api-world.ts";

const [APP, OTHER] = [torrent("app"), torrent("other", 2)];
const FAILURE = { since: Date.UTC(2026, 10, 26, 6), why: "the password is secret" };
const DELIVERY = { delivered: 5, deliveredAt: undefined, failure: FAILURE };
const STATUS = { reports: { waiting: 1, skipped: 2, lost: 3 }, books: { pendingCount: 4, delivery: DELIVERY } };

let world: World;
let ledger: Ledger;
beforeAll(async () => {
  const totals: Ledger["totals"] = async (infoHash) => ledger.totals(infoHash);
  world = startWorld({ accounting: { totals, status: () => STATUS, isBehind: () => true } });
  await world.publish(APP);
});
afterAll(() => world.close());
beforeEach(() => {
  ledger = openSqliteLedger({ file: ":memory:", linkMbits: 100_000, maxPending: 1024, hasSink: false });
});
afterEach(() => ledger.close().catch(() => {}));

const traffic = (query = "", { infoHash } = APP) => world.call("GET", `/transfers/${infoHash}/traffic${query}`);

function expectProblem({ json }: Answer, status: number, code: string, detail: RegExp): void {
  expect(json).toMatchObject({ status, code, detail: expect.stringMatching(detail) });
}

/** A client says that it started, and then what it moved. */
async function move(rack: string, host: string, moved: Partial<TrafficReport>, { infoHash } = APP): Promise<void> {
  const of = { rack, user: host, infoHash, left: 0 };
  await ledger.record([reportOf(host, { ...of, event: "started" }), reportOf(host, { ...of, ...moved })]);
}

describe("the traffic of a transfer", () => {
  it("is told in all, by rack and by user, in the order that people count in", async () => {
    await move("rack10", "10.0.0.9", { uploaded: 5, reportedAt: START + 1500 });
    await move("rack9", "10.0.0.10", { uploaded: 1, downloaded: 7, reportedAt: START + 1100 });
    await move("rack9", "10.0.0.9", { downloaded: 100, reportedAt: START + 2200 });
    await move("rack9", "10.0.0.8", { downloaded: 1_000_000 }, OTHER);
    const at = (ms: number) => new Date(START + ms).toISOString();
    const answer = await traffic();
    expect([answer.status, answer.json]).toEqual([
      200,
      {
        uploadedBytes: 6,
        downloadedBytes: 107,
        secondsSeeded: 4.8,
        changedAt: at(2200),
        racks: [
          { rack: "rack9", users: 2, uploadedBytes: 1, downloadedBytes: 107, secondsSeeded: 3.3, changedAt: at(2200) },
          { rack: "rack10", users: 1, uploadedBytes: 5, downloadedBytes: 0, secondsSeeded: 1.5, changedAt: at(1500) },
        ],
        users: [
          userOf("rack9", "10.0.0.9", 0, 100, 2.2, at(2200)),
          userOf("rack9", "10.0.0.10", 1, 7, 1.1, at(1100)),
          userOf("rack10", "10.0.0.9", 5, 0, 1.5, at(1500)),
        ],
      },
    ]);
  });

  it("is that of one rack when it is asked for", async () => {
    await move("ams1/rack1", "10.0.1.1", { downloaded: 3 });
    await move("ams1/rack2", "10.0.2.1", { downloaded: 4 });
    const { json } = await traffic("?rack=ams1%2Frack2");
    expect(json).toMatchObject({ downloadedBytes: 4, racks: [{ rack: "ams1/rack2" }], users: [{ user: "10.0.2.1" }] });
    expect((await traffic("?rack=rack2")).json).toMatchObject({ downloadedBytes: 0, racks: [], users: [] });
    expectProblem(await traffic("?racks=rack2"), 400, "REQUEST_INVALID", /"racks"/);
  });

  it("is nothing before anything was counted", async () => {
    const nothing = { uploadedBytes: 0, downloadedBytes: 0, secondsSeeded: 0, changedAt: null, racks: [], users: [] };
    expect((await traffic()).json).toEqual(nothing);
  });

  it("is told of transfers that the tracker knows, and to those who may make control calls", async () => {
    expectProblem(await traffic("", OTHER), 404, "TRANSFER_UNKNOWN", /publish/);
    const url = `/transfers/${APP.infoHash}/traffic`;
    expectProblem(await world.call("GET", url, { from: "10.0.0.5" }), 403, "LOOPBACK_ONLY", /API_TOKEN/);
  });

  it("is refused by a tracker that does not account, with the setting that would; its health says so, too", async () => {
    const other = startWorld();
    await other.publish(APP);
    const answer = await other.call("GET", `/transfers/${APP.infoHash}/traffic`);
    expectProblem(answer, 409, "ACCOUNTING_OFF", /ACCOUNTING=true/);
    expect((await other.call("GET", "/health")).json).toMatchObject({ accounting: null });
    await other.close();
  });

  it("is 503 while the ledger cannot be read, in the ledger's own words", async () => {
    await ledger.close();
    expectProblem(await traffic(), 503, "LEDGER_AWAY", /:memory: cannot be used .*DATA_DIR/);
  });
});

it("health tells how accounting fares, which makes no tracker unready", async () => {
  const delivery = { delivered: 5, lastDeliveredAt: null, failingSince: "2026-11-26T06:00:00.000Z" };
  const reports = { reportsWaiting: 1, reportsSkipped: 2, reportsLost: 3 };
  const accounting = { behind: true, ...reports, deltasPending: 4, delivery };
  expect((await world.call("GET", "/health")).json).toMatchObject({ status: "ok", accounting });
  expect((await world.call("GET", "/readyz")).json).toEqual({ status: "ready", checks: {} });
});

function userOf(rack: string, user: string, uploaded: number, downloaded: number, seconds: number, changedAt: string) {
  return {
    rack,
    user,
    uploadedBytes: uploaded,
    downloadedBytes: downloaded,
    secondsSeeded: seconds,
    changedAt,
  };
}
