// Finds the one transfer a user means by a name, an info-hash or the start of one.
import { CommandError } from "../errors.ts";
import type { Transfer } from "./resources.ts";
import type { TrackerClient } from "./tracker-client.ts";

const MIN_PREFIX_DIGITS = 4;
const MAX_SUGGESTIONS = 3;

/** Throws `TRANSFER_UNKNOWN` with the nearest names, or `TRANSFER_AMBIGUOUS` with the candidates. */
export async function findTransfer(client: TrackerClient, wanted: string): Promise<Transfer> {
  return chooseTransfer(await client.list(), wanted);
}

export function chooseTransfer(transfers: readonly Transfer[], wanted: string): Transfer {
  const named = transfers.filter(({ name }) => name === wanted);
  // Among the transfers of one name at most one is not inactive.
  const live = named.filter(({ state }) => state !== "inactive");
  const candidates = live.length > 0 ? live : named.length > 0 ? named : byHash(transfers, wanted);
  const [only, ...others] = candidates;
  if (only === undefined) throw unknown(transfers, wanted);
  if (others.length > 0) throw ambiguous(candidates, wanted);
  return only;
}

function byHash(transfers: readonly Transfer[], wanted: string): Transfer[] {
  const prefix = wanted.toLowerCase();
  const isPrefix = prefix.length >= MIN_PREFIX_DIGITS && /^[0-9a-f]+$/.test(prefix);
  return isPrefix ? transfers.filter(({ infoHash }) => infoHash.startsWith(prefix)) : [];
}

function unknown(transfers: readonly Transfer[], wanted: string): CommandError {
  const near = nearest(wanted, [...new Set(transfers.map(({ name }) => name))]);
  const remedy = near.length > 0 ? `Did you mean ${near.join(" or ")}?` : "See what is registered: rackcast list";
  return new CommandError(
    "TRANSFER_UNKNOWN",
    `No transfer is named ${wanted} or has an info-hash that starts so.\n${remedy}`,
  );
}

function ambiguous(candidates: readonly Transfer[], wanted: string): CommandError {
  const listed = candidates.map(({ infoHash, name, state }) => `${infoHash} (${name}, ${state})`);
  const message = `${wanted} may be ${candidates.length} transfers; give the info-hash of one: ${listed.join(", ")}`;
  return new CommandError("TRANSFER_AMBIGUOUS", message);
}

/** Names that a slip or a cut turns into `wanted`, nearest first. */
function nearest(wanted: string, names: readonly string[]): string[] {
  const allowed = Math.max(2, Math.floor(wanted.length / 3));
  return names
    .map((name) => ({ name, distance: name.startsWith(wanted) ? 1 : editDistance(wanted, name) }))
    .filter(({ distance }) => distance <= allowed)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, MAX_SUGGESTIONS)
    .map(({ name }) => name);
}

/** Levenshtein, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [index, letter] of [...a].entries()) {
    const next = [index + 1];
    for (let at = 1; at <= b.length; at++) {
      const replaced = (row[at - 1] ?? 0) + (b[at - 1] === letter ? 0 : 1);
      next.push(Math.min(replaced, (row[at] ?? 0) + 1, (next[at - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
