// The Redis ledger's keys, and what is asked of them and done to them.
import { randomBytes } from "node:crypto";
import type { RedisClient } from "../../redis/redis-connection.ts";
import { createScript } from "../../redis/script.ts";
import type { InfoHash, PeerId } from "../../swarm/identifiers.ts";
import { type Delta, numbered, peerIdText } from "../delta.ts";
import type { TrafficTotal } from "../ledger.ts";
import type { Client, LedgerDraft, LedgerState } from "./ledger-draft.ts";
import { baselinesKey, commitKey, hashOf, LEDGER_KEYS, totalsKey } from "./ledger-keys.ts";
import { parseDelta, parsePeerId, parseTotal } from "./ledger-text.ts";

export interface LedgerRecords {
  /** Of these clients. */
  read(clients: readonly Client[]): Promise<RecordedState>;
  /**
   * How many deltas wait then; undefined when what it was decided on has changed. `marks` are for what may be written where nothing is known of a
   * client before and after.
   */
  commit(draft: LedgerDraft, marks?: Marks): Promise<number | undefined>;
  pendingCount(): Promise<number>;
  pending(most: number): Promise<Delta[]>;
  release(through: Delta): Promise<void>;
  totals(infoHash: InfoHash): Promise<TrafficTotal[]>;
  transfers(): Promise<InfoHash[]>;
  /** Some of a transfer's clients, about a thousand at most. */
  clients(infoHash: InfoHash, cursor: string): Promise<Page<LedgerState>>;
  /** Removes some of the totals, likewise, and the transfer itself when nothing is known of it. */
  forgetTotals(infoHash: InfoHash, cursor: string, unchangedSince: number): Promise<Page<unknown>>;
}

export interface RecordedState extends LedgerState {
  /** By which this tracker's last commit is known; empty: none is. */
  readonly mark: string;
}

/** By which a commit is written once, however often it is sent. */
export interface Marks {
  /** As it was read. */
  readonly before: string;
  readonly after: string;
}

export interface Page<Content> {
  readonly content: Content;
  /** Entries. */
  readonly size: number;
  /** Where the next one begins; undefined after the last one. */
  readonly next: string | undefined;
}

export const FIRST_PAGE = "0";
const ENTRIES_A_PAGE = 1000;
/** Longer than a tracker and its Redis are apart with a commit of which nobody knows whether it was written. */
const MARK_LIFETIME_MS = 86_400_000;
const TOKEN_BYTES = 8;
const { ledger, pending, transfers } = LEDGER_KEYS;

export function createLedgerRecords(client: RedisClient): LedgerRecords {
  const script = (name: string) => createScript(client, new URL(`../lua/${name}.lua`, import.meta.url));
  const commit = script("commit-ledger");
  const readPending = script("read-pending");
  const releasePending = script("release-pending");
  const forgetTotals = script("forget-totals");
  const ownCommits = commitKey(randomToken());

  async function readBaselines(infoHash: InfoHash, peerIds: readonly PeerId[]): Promise<Map<PeerId, string>> {
    const texts = await client.hmget(baselinesKey(infoHash), ...peerIds.map(peerIdText));
    const known = peerIds.map((peerId, at) => [peerId, texts[at] ?? ""] as const);
    return new Map(known.filter(([, text]) => text !== ""));
  }

  async function scan(key: string, cursor: string): Promise<Page<Map<string, string>>> {
    const [next, flat] = await client.hscan(key, cursor, "COUNT", ENTRIES_A_PAGE);
    const content = new Map<string, string>();
    for (let at = 0; at < flat.length; at += 2) content.set(flat[at] ?? "", flat[at + 1] ?? "");
    return { content, size: content.size, next: next === FIRST_PAGE ? undefined : next };
  }

  async function scanAll(key: string): Promise<Map<string, string>> {
    const { content, next: second } = await scan(key, FIRST_PAGE);
    for (let next = second; next !== undefined;) {
      const page = await scan(key, next);
      for (const [name, text] of page.content) content.set(name, text);
      next = page.next;
    }
    return content;
  }

  return {
    async read(clients) {
      const peerIds = Map.groupBy(clients, ({ infoHash }) => infoHash);
      const [mark, pendingCount, ...baselines] = await Promise.all([
        client.get(ownCommits),
        client.llen(pending),
        ...Array.from(peerIds, async ([infoHash, all]) => {
          const distinct = [...new Set(all.map(({ peerId }) => peerId))];
          return [infoHash, await readBaselines(infoHash, distinct)] as const;
        }),
      ]);
      return { mark: mark ?? "", pendingCount, baselines: new Map(baselines) };
    },
    async commit(draft, { before, after } = { before: "", after: "" }) {
      const { keys, args } = draft.parts();
      const head = [before, after, MARK_LIFETIME_MS, randomToken()];
      const count = Number(await commit.run([ledger, pending, transfers, ownCommits, ...keys], [...head, ...args]));
      return count < 0 ? undefined : count;
    },
    pendingCount: async () => client.llen(pending),
    async pending(most) {
      const found = await readPending.run([ledger, pending], [most]);
      const [source, last, waiting, texts] = found as [string, string, number, string[]];
      return texts.map((text, at) => numbered(parseDelta(text), source, Number(last) - waiting + 1 + at));
    },
    async release({ source, sequence }) {
      await releasePending.run([ledger, pending], [source, sequence]);
    },
    async totals(infoHash) {
      const found = await scanAll(totalsKey(infoHash));
      return Array.from(found, ([name, text]) => parseTotal(name, text)).toSorted(byRackAndUser);
    },
    transfers: async () => (await client.smembers(transfers)).map((hash) => hash.toLowerCase() as InfoHash),
    async clients(infoHash, cursor) {
      const [pendingCount, page] = await Promise.all([client.llen(pending), scan(baselinesKey(infoHash), cursor)]);
      const texts = Array.from(page.content, ([name, text]) => [parsePeerId(name), text] as const);
      return { ...page, content: { pendingCount, baselines: new Map([[infoHash, new Map(texts)]]) } };
    },
    async forgetTotals(infoHash, cursor, unchangedSince) {
      const page = await scan(totalsKey(infoHash), cursor);
      const old = [...page.content].filter(([name, text]) => parseTotal(name, text).changedAt < unchangedSince);
      const keys = [transfers, baselinesKey(infoHash), totalsKey(infoHash)];
      await forgetTotals.run(keys, [hashOf(infoHash), ...old.flat()]);
      return page;
    },
  };
}

export function randomToken(): string {
  return randomBytes(TOKEN_BYTES).toString("hex");
}

function byRackAndUser(one: TrafficTotal, other: TrafficTotal): number {
  if (one.rack !== other.rack) return one.rack < other.rack ? -1 : 1;
  return one.user < other.user ? -1 : 1;
}
