// The query of an HTTP scrape (BEP 48).
import type { InfoHash } from "../swarm/identifiers.ts";
import { parameterTable, queryFault, readInfoHash, readParameters } from "./query-parameters.ts";

const PARAMETERS = parameterTable<InfoHash[]>({
  info_hash: (hashes, query, from, to) => hashes.push(readInfoHash(query, from, to)),
});
const EVERY_ONE = ~0;

/** At least one info-hash, in the order they were asked for. Throws `QUERY_INVALID`; also when all torrents are asked for. */
export function parseScrapeQuery(query: string): InfoHash[] {
  const hashes: InfoHash[] = [];
  readParameters(query, PARAMETERS, hashes, EVERY_ONE);
  if (hashes.length > 0) return hashes;
  throw queryFault("info_hash", "is missing; a scrape of all torrents is not served, name each one by its info_hash");
}
