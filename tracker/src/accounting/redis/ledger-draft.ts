// What a call is about to change in Redis: decided on what was read there, and written all at once or not at all.
import type { InfoHash, PeerId } from "../../swarm/identifiers.ts";
import type { Addition, Amount, Baseline, Counted } from "../counting.ts";
import { peerIdText } from "../delta.ts";
import type { ScriptArgument } from "../../redis/script.ts";
import { baselineText, deltaText, parseBaseline, totalName } from "./ledger-text.ts";
import { baselinesKey, hashOf, totalsKey } from "./ledger-keys.ts";

export interface Client {
  readonly infoHash: InfoHash;
  readonly peerId: PeerId;
}

export interface LedgerState {
  /** As they are in Redis; without a client that has none. */
  readonly baselines: ReadonlyMap<InfoHash, ReadonlyMap<PeerId, string>>;
  readonly pendingCount: number;
}

/** See `SqliteLedgerOptions`. */
export interface DeltaLimits {
  readonly maxPending: number;
  readonly hasSink: boolean;
}

export interface LedgerDraft {
  /** `decide` is given what is known of the client now, and whether there is room for a delta. `at`: milliseconds since the epoch. */
  change(client: Client, at: number, decide: (known: Baseline | undefined, hasRoom: boolean) => Counted): Counted;
  /** Nothing is changed. */
  isEmpty(): boolean;
  /** As `commit-ledger.lua` takes them. */
  parts(): { readonly keys: readonly string[]; readonly args: readonly ScriptArgument[] };
}

interface ClientChange {
  /** As it was read; empty: none. */
  readonly before: string;
  baseline: Baseline | undefined;
  isChanged: boolean;
}

interface Total extends Amount {
  readonly at: number;
}

interface TransferChange {
  readonly clients: Map<PeerId, ClientChange>;
  readonly totals: Map<string, Total>;
}

const MOST_BYTES = Number.MAX_SAFE_INTEGER;

export function createDraft(
  { baselines, pendingCount }: LedgerState,
  { maxPending, hasSink }: DeltaLimits,
): LedgerDraft {
  const transfers = new Map<InfoHash, TransferChange>();
  const deltas: string[] = [];
  let isEmpty = true;

  function transferOf(infoHash: InfoHash): TransferChange {
    const known = transfers.get(infoHash) ?? { clients: new Map(), totals: new Map() };
    transfers.set(infoHash, known);
    return known;
  }

  function clientOf({ infoHash, peerId }: Client, { clients }: TransferChange): ClientChange {
    const known = clients.get(peerId);
    if (known !== undefined) return known;
    const before = baselines.get(infoHash)?.get(peerId) ?? "";
    const read = { before, baseline: before === "" ? undefined : parseBaseline(before), isChanged: false };
    clients.set(peerId, read);
    return read;
  }

  return {
    change(client, at, decide) {
      const transfer = transferOf(client.infoHash);
      const it = clientOf(client, transfer);
      const counted = decide(it.baseline, !hasSink || pendingCount + deltas.length < maxPending);
      const { baseline, addition, delta } = counted;
      it.isChanged ||= baseline !== it.baseline;
      it.baseline = baseline;
      if (addition !== undefined) add(transfer, addition, at);
      if (delta !== undefined && hasSink) deltas.push(deltaText(delta));
      isEmpty &&= !it.isChanged && addition === undefined && deltas.length === 0;
      return counted;
    },
    isEmpty: () => isEmpty,
    parts() {
      const keys = [...transfers.keys()].flatMap((infoHash) => [baselinesKey(infoHash), totalsKey(infoHash)]);
      const args: ScriptArgument[] = [];
      for (const [infoHash, transfer] of transfers) appendTransfer(args, infoHash, transfer);
      return { keys, args: args.concat(deltas) };
    },
  };
}

function add({ totals }: TransferChange, addition: Addition, at: number): void {
  const name = totalName(addition);
  const before = totals.get(name);
  totals.set(name, {
    uploaded: Math.min((before?.uploaded ?? 0) + addition.uploaded, MOST_BYTES),
    downloaded: Math.min((before?.downloaded ?? 0) + addition.downloaded, MOST_BYTES),
    seededMs: (before?.seededMs ?? 0) + addition.seededMs,
    at,
  });
}

function appendTransfer(args: ScriptArgument[], infoHash: InfoHash, { clients, totals }: TransferChange): void {
  args.push(hashOf(infoHash), clients.size);
  for (const [peerId, { before, baseline, isChanged }] of clients) {
    const after = baseline === undefined ? "" : baselineText(baseline);
    args.push(peerIdText(peerId), before, isChanged ? after : before);
  }
  args.push(totals.size);
  for (const [name, { uploaded, downloaded, seededMs, at }] of totals)
    args.push(name, uploaded, downloaded, seededMs, at);
}
