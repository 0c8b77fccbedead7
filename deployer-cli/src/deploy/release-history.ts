// The releases of a series as the tracker knows them: which is current, which comes before another, which are too old.
import type { Transfer } from "../api/resources.ts";
import { CommandError } from "../errors.ts";
import { shortList } from "../output/transfer-tables.ts";

const NAMED = 5;

/** Active ones of the series, the current one first. */
export function activeReleases(transfers: readonly Transfer[], series: string): readonly Transfer[] {
  return transfers
    .filter((transfer) => transfer.series === series && transfer.state === "active")
    .toSorted((one, other) => (other.activatedAt ?? "").localeCompare(one.activatedAt ?? ""));
}

/** Whether a release must be activated anew for hosts to make it the current one. */
export function isOvertaken(transfers: readonly Transfer[], release: Transfer): boolean {
  const [current] = activeReleases(transfers, release.series);
  return release.state === "active" && current !== undefined && current.infoHash !== release.infoHash;
}

/** What hosts go back to from `left`: the last one registered before it that is still active. Throws `ROLLBACK_IMPOSSIBLE`. */
export function previousRelease(transfers: readonly Transfer[], left: Transfer): Transfer {
  const others = transfers.filter(({ series, infoHash }) => series === left.series && infoHash !== left.infoHash);
  const earlier = others
    .filter(({ state, registeredAt }) => state === "active" && registeredAt <= left.registeredAt)
    .toSorted((one, other) => other.registeredAt.localeCompare(one.registeredAt));
  if (earlier[0]) return earlier[0];
  const known = others.map(({ name, state }) => `${name} (${state})`);
  const remedy =
    known.length > 0
      ? `known are ${shortList(known, NAMED)}: name one that is active with --to, or deploy one again`
      : "it is the only one: deploy another";
  throw new CommandError(
    "ROLLBACK_IMPOSSIBLE",
    `No release of ${left.series} before ${left.name} is active; ${remedy}.`,
  );
}

/** Neither among the `keep` newest active ones nor waiting to be activated; a name that is in use again is not among them. */
export function outdatedReleases(transfers: readonly Transfer[], series: string, keep: number): readonly Transfer[] {
  const kept = new Set(activeReleases(transfers, series).slice(0, keep));
  const names = new Set([...kept].map(({ name }) => name));
  return transfers.filter(
    (transfer) =>
      transfer.series === series && transfer.state !== "registered" && !kept.has(transfer) && !names.has(transfer.name),
  );
}
