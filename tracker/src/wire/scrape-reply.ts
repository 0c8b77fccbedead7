// The answer to an HTTP scrape (BEP 48).
import type { SwarmCounts } from "../swarm/announce.ts";
import type { InfoHash } from "../swarm/identifiers.ts";

/** Torrents are left out by leaving them out of `counts`. `minRequestIntervalSeconds`: how soon to ask again. */
export function printScrapeReply(
  counts: ReadonlyMap<InfoHash, SwarmCounts>,
  minRequestIntervalSeconds: number,
): Buffer {
  // Order of hex digits is order of bytes.
  const sorted = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  const files = sorted.map(([infoHash, swarm]) => printFile(infoHash, swarm)).join("");
  const flags = `5:flagsd20:min_request_intervali${minRequestIntervalSeconds}ee`;
  return Buffer.from(`d5:filesd${files}e${flags}e`, "latin1");
}

function printFile(infoHash: InfoHash, counts: SwarmCounts): string {
  const bytes = Buffer.from(infoHash, "hex").toString("latin1");
  const { complete, completions, incomplete } = counts;
  return `20:${bytes}d8:completei${complete}e10:downloadedi${completions}e10:incompletei${incomplete}ee`;
}
