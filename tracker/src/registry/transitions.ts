// The states of a transfer and what leads from one to another; the same for every registry.
import type { Activation, TransferContent, Transfer } from "./transfer-registry.ts";

export type Progress = "started" | "completed";

/** The same object when the transfer is in service already. */
export function registered(transfer: Transfer | undefined, content: TransferContent, now: number): Transfer {
  if (transfer === undefined) return newTransfer(content, now);
  return isInService(transfer) ? transfer : reregistered(transfer);
}

function newTransfer(content: TransferContent, now: number): Transfer {
  const { infoHash, name, lengthBytes, pieceLengthBytes, fileCount } = content;
  return {
    infoHash,
    name,
    lengthBytes,
    pieceLengthBytes,
    fileCount,
    state: "registered",
    origins: [],
    targets: [],
    registeredAt: now,
    activatedAt: undefined,
    deactivatedAt: undefined,
    firstStartedAt: undefined,
    lastStartedAt: undefined,
    firstCompletedAt: undefined,
    lastCompletedAt: undefined,
  };
}

/** An inactive transfer that was published again. */
function reregistered(transfer: Transfer): Transfer {
  return { ...transfer, state: "registered", activatedAt: undefined, deactivatedAt: undefined };
}

/** The same object when nothing changes. */
export function activated(transfer: Transfer, activation: Activation, now: number): Transfer {
  const { origins = transfer.origins, targets = transfer.targets, renew = false } = activation;
  const isSame = sameList(origins, transfer.origins) && sameList(targets, transfer.targets);
  if (transfer.state === "active" && !renew) return isSame ? transfer : { ...transfer, origins, targets };
  return { ...transfer, state: "active", origins, targets, activatedAt: now, deactivatedAt: undefined };
}

/** The same object when nothing changes. */
export function deactivated(transfer: Transfer, now: number): Transfer {
  return transfer.state === "inactive" ? transfer : { ...transfer, state: "inactive", deactivatedAt: now };
}

export function progressed(transfer: Transfer, what: Progress, { first, last }: { first: number; last: number }) {
  if (what === "started") return { ...transfer, firstStartedAt: transfer.firstStartedAt ?? first, lastStartedAt: last };
  return { ...transfer, firstCompletedAt: transfer.firstCompletedAt ?? first, lastCompletedAt: last };
}

export function sameList(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((item, index) => item === other[index]);
}

/** Registered or active: its name is its own. */
export function isInService({ state }: Pick<Transfer, "state">): boolean {
  return state !== "inactive";
}
