// Ends what is known of silent clients, and totals that did not change for long: a bounded part of it a call.
import type { InfoHash } from "../../swarm/identifiers.ts";
import { expire } from "../counting.ts";
import type { SweepLimits } from "../ledger.ts";
import { createDraft, type DeltaLimits } from "./ledger-draft.ts";
import { FIRST_PAGE, type LedgerRecords, type Page } from "./ledger-records.ts";
import { parseBaseline } from "./ledger-text.ts";

/** What a round has still to look at: a page of one transfer's clients or totals. */
interface Unswept {
  readonly infoHash: InfoHash;
  readonly what: "clients" | "totals";
  readonly cursor: string;
}

/** Entries looked at by one call, about. */
const SWEEP_AT_A_TIME = 1000;
/** What it costs to ask for a page, in entries. */
const PAGE_COST = 10;

/** For one call at a time. */
export function createSweeping(records: LedgerRecords, room: DeltaLimits): (limits: SweepLimits) => Promise<void> {
  let unswept: Unswept[] = [];

  async function sweepClients(
    { infoHash, cursor }: Unswept,
    { now, silentSince }: SweepLimits,
  ): Promise<Page<unknown>> {
    const page = await records.clients(infoHash, cursor);
    const draft = createDraft(page.content, room);
    for (const [peerId, text] of page.content.baselines.get(infoHash) ?? []) {
      const baseline = parseBaseline(text);
      if (baseline.heardAt >= silentSince) continue;
      const client = { infoHash, peerId };
      draft.change(client, now, (known = baseline, hasRoom) => expire(known, { ...client, now }, { hasRoom }));
    }
    // Where one of them is heard of at this moment, the next round ends the others.
    if (!draft.isEmpty()) await records.commit(draft);
    return page;
  }

  async function newRound(): Promise<Unswept[]> {
    const transfers = await records.transfers();
    return transfers.flatMap((infoHash) => [
      { infoHash, what: "clients", cursor: FIRST_PAGE },
      { infoHash, what: "totals", cursor: FIRST_PAGE },
    ]);
  }

  return async (limits) => {
    if (unswept.length === 0) unswept = await newRound();
    for (let looked = 0; looked < SWEEP_AT_A_TIME;) {
      // Taken off first: a page that cannot be swept keeps the others from it for this call only.
      const next = unswept.shift();
      if (next === undefined) return;
      const page =
        next.what === "clients"
          ? await sweepClients(next, limits)
          : await records.forgetTotals(next.infoHash, next.cursor, limits.unchangedSince);
      if (page.next !== undefined) unswept.unshift({ ...next, cursor: page.next });
      looked += page.size + PAGE_COST;
    }
  };
}
