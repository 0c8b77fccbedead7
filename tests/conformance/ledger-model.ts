// Random histories of clients, told to a ledger and to a plain model: the sums must be the same.
import fc from "fast-check";
import { expect, it } from "vitest";
import type { Ledger } from "../../tracker/src/accounting/ledger.ts";
import type { TrafficReport } from "../../tracker/src/accounting/traffic-report.ts";
import type { LedgerHome } from "./ledger-suite.ts";
import { drain, INFO_HASH, reportOf, START, sumOf } from "./ledger-world.ts";
import type { Delta } from "../../tracker/src/accounting/delta.ts";

const CLIENTS = 4;
const STEPS = 60;
/** Longer than announces of one client overtake each other. */
const LONG_MS = 6_000;

export type LedgerStep =
  | { readonly kind: "move"; readonly client: number; readonly up: number; readonly down: number }
  /** `from`: which of its addresses. `again`: how often the same is announced, by whatever way. */
  | { readonly kind: "announce"; readonly client: number; readonly from: number; readonly again: number }
  | { readonly kind: "overtaken" | "stop" | "restart" | "restart-unheard"; readonly client: number }
  | { readonly kind: "pass"; readonly ms: number }
  | { readonly kind: "record" | "drain" | "kill" };

const client = fc.nat(CLIENTS - 1);
const amount = fc.oneof(fc.constant(0), fc.nat(1_000_000));
export const ledgerStep: fc.Arbitrary<LedgerStep> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("move" as const), client, up: amount, down: amount }) },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("announce" as const), client, from: fc.nat(1), again: fc.nat(2) }),
  },
  fc.record({ kind: fc.constantFrom("overtaken", "stop", "restart", "restart-unheard"), client }),
  fc.record({ kind: fc.constant("pass" as const), ms: fc.nat(9000) }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("record", "drain", "kill") }) },
);

/** One client: what its counters say, and what they said when they were last heard; undefined while nobody knows it. */
interface Client {
  up: number;
  down: number;
  heard: { up: number; down: number; at: number } | undefined;
}

/** The plain model, and the reports that go to the ledger. */
export class LedgerWorld {
  readonly clients: Client[] = Array.from({ length: CLIENTS }, () => ({ up: 0, down: 0, heard: undefined }));
  readonly moved = { uploaded: 0, downloaded: 0 };
  now = START;
  reports: TrafficReport[] = [];

  take(step: LedgerStep): void {
    if (step.kind === "pass") this.now += step.ms;
    if (!("client" in step)) return;
    const it = this.clients[step.client]!;
    if (step.kind === "move") {
      it.up += step.up;
      it.down += step.down;
    } else if (step.kind === "announce") {
      for (let times = 0; times <= step.again; times++) this.#announce(step.client, "none", step.from);
    } else if (step.kind === "overtaken") this.#overtaken(step.client);
    else if (step.kind === "stop") this.#announce(step.client, "stopped");
    else this.#restart(step.client, step.kind === "restart");
  }

  #announce(number: number, event: "none" | "started" | "stopped", from = 0): void {
    const it = this.clients[number]!;
    if (it.heard !== undefined) {
      this.moved.uploaded += it.up - it.heard.up;
      this.moved.downloaded += it.down - it.heard.down;
    }
    it.heard = event === "stopped" ? undefined : { up: it.up, down: it.down, at: this.now };
    this.#report(number, { event, uploaded: it.up, downloaded: it.down }, from);
  }

  /** What it announced a moment before comes a moment after. */
  #overtaken(number: number): void {
    const { heard } = this.clients[number]!;
    if (heard === undefined || this.now - heard.at >= 5000 || heard.up + heard.down === 0) return;
    this.#report(number, { event: "none", uploaded: Math.floor(heard.up / 2), downloaded: Math.floor(heard.down / 2) });
  }

  /** Its counters begin again; what it moved and never announced nobody can know. */
  #restart(number: number, isHeard: boolean): void {
    const it = this.clients[number]!;
    it.up = 0;
    it.down = 0;
    if (it.heard !== undefined) it.heard = { up: 0, down: 0, at: this.now };
    if (!isHeard) this.now += LONG_MS;
    this.#announce(number, isHeard ? "started" : "none");
  }

  #report(number: number, change: Partial<TrafficReport>, from = 0): void {
    const address = from === 0 ? `10.0.0.${number}` : `fd00::${number}`;
    this.reports.push(reportOf(String(number), { user: address, address, reportedAt: this.now, ...change }));
  }
}

export function ledgerModelTests(createHome: () => Promise<LedgerHome>, runs: number): void {
  it("comes to the sums of a plain model, whatever is announced twice, overtaken, restarted or killed", async () => {
    const history = fc.array(ledgerStep, { minLength: 1, maxLength: STEPS });
    await fc.assert(
      fc.asyncProperty(history, fc.constantFrom(2, 1_000_000), async (steps, maxPending) => {
        const home = await createHome();
        try {
          await follow(steps, await home.open({ linkMbits: 1e6, maxPending, hasSink: true }), home, maxPending);
        } finally {
          await home.remove();
        }
      }),
      { numRuns: runs },
    );
  });
}

async function follow(
  steps: readonly LedgerStep[],
  first: Ledger,
  home: LedgerHome,
  maxPending: number,
): Promise<void> {
  const world = new LedgerWorld();
  const told: Delta[] = [];
  let ledger = first;
  const record = async () => ledger.record(world.reports.splice(0));
  for (const step of steps) {
    world.take(step);
    if (step.kind === "record") await record();
    if (step.kind === "drain") told.push(...(await drain(ledger, 7)));
    // What it had not recorded is in the clients' next reports, but for those that say goodbye: they are answered when they are recorded.
    if (step.kind === "kill") {
      await record();
      ledger = await home.open({ linkMbits: 1e6, maxPending, hasSink: true });
    }
  }
  await record();
  await expectSums(ledger, world, told);
  await ledger.close();
}

/** Ends all clients: what was told in all, and the totals, are what they moved. */
export async function expectSums(ledger: Ledger, { now, moved }: LedgerWorld, told: Delta[]): Promise<void> {
  const totals = await ledger.totals(INFO_HASH);
  for (let round = 0; round < CLIENTS + 1; round++) {
    told.push(...(await drain(ledger)));
    await ledger.sweep({ now: now + 1, silentSince: now + 1, unchangedSince: 0 });
  }
  told.push(...(await drain(ledger)));
  const { uploaded, downloaded } = sumOf(told);
  expect({ uploaded, downloaded }).toEqual(moved);
  const total = (of: "uploaded" | "downloaded") => totals.reduce((sum, amounts) => sum + amounts[of], 0);
  expect({ uploaded: total("uploaded"), downloaded: total("downloaded") }).toEqual(moved);
  expect(told.map(({ sequence }) => sequence)).toEqual(told.map((_, at) => at + 1));
}
