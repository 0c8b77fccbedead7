import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type Accounting, startAccounting } from "../../tracker/src/accounting/accounting.ts";
import { startAccountingThread } from "../../tracker/src/accounting/accounting-thread.ts";
import type { Recorded } from "../../tracker/src/accounting/ledger.ts";
import type { CountedAnnounce } from "../../tracker/src/accounting/report-batch.ts";
import { compactEndpoint, type InfoHash, type PeerId } from "../../tracker/src/swarm/identifiers.ts";
import { parseHostAddress } from "../../tracker/src/wire/compact-address.ts";

const INFO_HASH = "ab".repeat(20) as InfoHash;
const ABOUT = { user: "", rack: "rack1", reportedAt: Date.now(), isUnserved: false };

let folder: string;
let accounting: Accounting | undefined;
const said: string[] = [];
const recorded: Recorded[] = [];
const say = (_: object, message: string) => void said.push(message);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rackcast-accounting-"));
  said.length = recorded.length = 0;
});
afterEach(async () => {
  await accounting?.close();
  accounting = undefined;
  rmSync(folder, { recursive: true });
});

async function start(file = join(folder, "accounting.sqlite")): Promise<Accounting> {
  const settings = {
    ledger: { kind: "sqlite", file },
    linkMbits: 1e6,
    maxPending: 1e6,
    totalsDays: 1,
    sink: undefined,
  } as const;
  const log = { error: say, warn: say, info: say };
  return (accounting = await startAccounting(settings, { log, onRecorded: (what) => void recorded.push(what) }));
}

function announceOf(downloaded: number, event: CountedAnnounce["event"] = "none"): CountedAnnounce {
  const peerId = "-lt0D80-000000000001" as PeerId;
  const endpoint = compactEndpoint(parseHostAddress("fd00::1"), 6881);
  return { infoHash: INFO_HASH, peerId, endpoint, event, uploaded: 1, downloaded, left: 9 };
}

it("has recorded the first and the last report of a client when it says so, and all others when it closes", async () => {
  const first = await start();
  await first.note(announceOf(0, "started"), ABOUT);
  expect(first.note(announceOf(5), ABOUT)).toBeUndefined();
  expect(first.status().reports).toEqual({ waiting: 1, skipped: 0, lost: 0 });
  await first.close();
  const second = await start();
  await second.note(announceOf(7, "stopped"), ABOUT);
  expect(await second.totals(INFO_HASH)).toMatchObject([
    { rack: "rack1", user: "fd00::1", uploaded: 0, downloaded: 7 },
  ]);
  expect(recorded.at(-1)?.racks).toEqual(new Map([["rack1", { uploaded: 0, downloaded: 2 }]]));
  expect(said).toEqual([]);
});

it("starts a thread that ended again, and counts what was noted meanwhile", async () => {
  const marker = join(folder, "died");
  const program = new URL(`data:text/javascript,${encodeURIComponent(dyingOnce(marker))}`);
  const settings = {
    ledger: { kind: "sqlite", file: "" },
    linkMbits: 1,
    maxPending: 1,
    totalsDays: 1,
    sink: undefined,
  } as const;
  const log = { error: say, warn: say, info: say };
  const thread = await startAccountingThread(settings, { log }, program);
  await expect(thread.totals(INFO_HASH)).rejects.toThrow(/thread of accounting died/);
  expect(await thread.totals(INFO_HASH)).toBe("counted");
  expect(said).toEqual(["the thread of accounting ended; it is started again"]);
  await thread.close();
});

it("tries again to start a thread that ended, when that failed once", async () => {
  const settings = { ledger: { kind: "sqlite", file: "" }, linkMbits: 1, maxPending: 1, totalsDays: 1 } as const;
  const counter = join(folder, "starts");
  const program = new URL(`data:text/javascript,${encodeURIComponent(failingSecond(counter))}`);
  const log = { error: say, warn: say, info: say };
  const thread = await startAccountingThread({ ...settings, sink: undefined }, { log }, program);
  await expect(thread.totals(INFO_HASH)).rejects.toThrow(/thread of accounting died/);
  await expect(thread.totals(INFO_HASH)).rejects.toThrow("Redis is away");
  await expect.poll(() => thread.totals(INFO_HASH).catch(() => "refused")).toBe("counted");
  await thread.close();
});

/** Its first thread ends at a call, its second cannot be started. */
function failingSecond(counter: string): string {
  return `import { appendFileSync, readFileSync } from "node:fs";
    import { parentPort } from "node:worker_threads";
    appendFileSync(${JSON.stringify(counter)}, ".");
    const start = readFileSync(${JSON.stringify(counter)}).length;
    if (start === 2) parentPort.postMessage({ kind: "refused", message: "Redis is away" });
    else {
      parentPort.on("message", ({ number }) => {
        if (start === 1) process.exit(1);
        parentPort.postMessage({ kind: "done", number, result: "counted" });
      });
      parentPort.postMessage({ kind: "opened" });
    }`;
}

/** A thread that ends at its first call. */
function dyingOnce(marker: string): string {
  return `import { existsSync, writeFileSync } from "node:fs";
    import { parentPort } from "node:worker_threads";
    parentPort.on("message", ({ number }) => {
      if (existsSync(${JSON.stringify(marker)})) return parentPort.postMessage({ kind: "done", number, result: "counted" });
      writeFileSync(${JSON.stringify(marker)}, "");
      process.exit(1);
    });
    parentPort.postMessage({ kind: "opened" });`;
}

it("does not start where its file cannot be used, and says why", async () => {
  const file = join(folder, "taken");
  mkdirSync(file);
  await expect(start(file)).rejects.toThrow(/taken cannot be used .*DATA_DIR/);
  expect(said).toEqual([]);
});
