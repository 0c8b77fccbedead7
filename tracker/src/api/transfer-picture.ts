// A transfer as the API tells it: what the registry knows, and what its swarm is like now.
import type { Static } from "typebox";
import { seriesOf } from "../registry/series.ts";
import type { Transfer as RegisteredTransfer } from "../registry/transfer-registry.ts";
import type { SwarmCounts } from "../swarm/announce.ts";
import type { ApiParts } from "./api-parts.ts";
import { pictureReports } from "./report-picture.ts";
import type { Transfer, TransferDetail } from "./schemas.ts";
import { pictureSwarm, type SwarmPicture } from "./swarm-picture.ts";
import { timeText, timeTextOrNull } from "./time-text.ts";

export type Sources = Pick<ApiParts, "store" | "now">;

export async function pictureTransfer(
  sources: Sources,
  transfer: RegisteredTransfer,
): Promise<Static<typeof Transfer>> {
  const { counts, swarm } = await observe(sources, transfer);
  return merge(transfer, counts, swarm);
}

/** One after the other, so that a list holds one swarm's peers in memory at a time. */
export async function pictureTransfers(sources: Sources, transfers: readonly RegisteredTransfer[]) {
  const pictures: Static<typeof Transfer>[] = [];
  for (const transfer of transfers) pictures.push(await pictureTransfer(sources, transfer));
  return pictures;
}

export async function pictureDetail(
  sources: Sources & Pick<ApiParts, "registry">,
  transfer: RegisteredTransfer,
): Promise<Static<typeof TransferDetail>> {
  const [{ counts, swarm }, reports] = await Promise.all([
    observe(sources, transfer),
    pictureReports(sources.registry, transfer),
  ]);
  const { racks, hosts, missingHosts } = swarm;
  return { ...merge(transfer, counts, swarm), racks, hosts, missingHosts, reports };
}

export async function observe({ store, now }: Sources, { infoHash, lengthBytes, targets }: RegisteredTransfer) {
  const [counts, peers] = await Promise.all([store.scrape(infoHash), store.inspect(infoHash, now())]);
  return { counts, swarm: pictureSwarm(peers, lengthBytes, targets) };
}

function merge(
  transfer: RegisteredTransfer,
  { complete, incomplete, completions }: SwarmCounts,
  { progress }: SwarmPicture,
): Static<typeof Transfer> {
  const { infoHash, name, lengthBytes, pieceLengthBytes, fileCount, state } = transfer;
  return {
    infoHash,
    name,
    series: seriesOf(name),
    lengthBytes,
    pieceLengthBytes,
    fileCount,
    state,
    origins: [...transfer.origins],
    targets: [...transfer.targets],
    registeredAt: timeText(transfer.registeredAt),
    activatedAt: timeTextOrNull(transfer.activatedAt),
    deactivatedAt: timeTextOrNull(transfer.deactivatedAt),
    firstStartedAt: timeTextOrNull(transfer.firstStartedAt),
    lastStartedAt: timeTextOrNull(transfer.lastStartedAt),
    firstCompletedAt: timeTextOrNull(transfer.firstCompletedAt),
    lastCompletedAt: timeTextOrNull(transfer.lastCompletedAt),
    seeders: complete,
    leechers: incomplete,
    completions,
    progress,
  };
}
