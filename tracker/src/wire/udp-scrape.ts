// A UDP scrape (BEP 15) and its reply.
import type { SwarmCounts } from "../swarm/announce.ts";
import type { InfoHash } from "../swarm/identifiers.ts";
import { MAX_SCRAPED, SCRAPE_HEAD_BYTES, UDP_SCRAPE } from "./udp-packets.ts";

const ID_BYTES = 20;
const HEAD_BYTES = 8;
const COUNTS_BYTES = 12;
const NOTHING: SwarmCounts = { complete: 0, incomplete: 0, completions: 0 };

/** The info-hashes that the scrape of `length` bytes at `at` asks for; text says what is wrong with it, for its client to read. */
export function readUdpScrape(bytes: Buffer, at: number, length: number): readonly InfoHash[] | string {
  const count = (length - SCRAPE_HEAD_BYTES) / ID_BYTES;
  if (!Number.isInteger(count) || count < 1 || count > MAX_SCRAPED) {
    return `a scrape holds 1 to ${MAX_SCRAPED} info-hashes of ${ID_BYTES} bytes`;
  }
  const first = at + SCRAPE_HEAD_BYTES;
  return Array.from(
    { length: count },
    (_, index) => bytes.toString("hex", first + index * ID_BYTES, first + (index + 1) * ID_BYTES) as InfoHash,
  );
}

export interface UdpScrapeReply {
  readonly transaction: number;
  readonly infoHashes: readonly InfoHash[];
  /** Those that it does not hold are printed as empty, because the reply goes by the order of the question. */
  readonly counts: ReadonlyMap<InfoHash, SwarmCounts>;
}

/** Prints the reply at `at`, and gives its length in bytes: never more than the question's. */
export function printUdpScrapeReply(view: DataView, at: number, reply: UdpScrapeReply): number {
  view.setInt32(at, UDP_SCRAPE);
  view.setInt32(at + 4, reply.transaction);
  for (const [index, infoHash] of reply.infoHashes.entries()) {
    const { complete, completions, incomplete } = reply.counts.get(infoHash) ?? NOTHING;
    const from = at + HEAD_BYTES + index * COUNTS_BYTES;
    view.setInt32(from, complete);
    view.setInt32(from + 4, completions);
    view.setInt32(from + 8, incomplete);
  }
  return HEAD_BYTES + reply.infoHashes.length * COUNTS_BYTES;
}
