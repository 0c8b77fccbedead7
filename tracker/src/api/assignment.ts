// Which transfers a host should have: the active ones that name it as a target, or none at all.
import type { BanLookup } from "../bans/ban-list.ts";
import { transferNotActive } from "../registry/errors.ts";
import type { Registry } from "../registry/registry.ts";
import type { Transfer } from "../registry/transfer-registry.ts";
import { compactEndpoint, type PeerId } from "../swarm/identifiers.ts";
import { parseHostAddress } from "../wire/compact-address.ts";
import { ApiError } from "./errors.ts";
import { findTransfer } from "./parameters.ts";

/** In order of registration. Banned transfers are left out, and a banned host has none. */
export async function assignedTransfers(registry: Registry, address: string): Promise<readonly Transfer[]> {
  const isBanned = banCheck(registry.bans, address);
  return (await registry.list()).filter(
    (transfer) => transfer.state === "active" && isTarget(transfer, address) && !isBanned(transfer),
  );
}

/** Throws `TRANSFER_UNKNOWN`, `TRANSFER_NOT_ACTIVE` and `TRANSFER_NOT_ASSIGNED`. */
export function findAssigned(registry: Registry, infoHash: string, address: string): Transfer {
  const transfer = findTransfer(registry, infoHash);
  if (transfer.state !== "active") throw transferNotActive(transfer.infoHash);
  if (!isTarget(transfer, address))
    throw notAssigned(transfer, `names other targets than ${address}; activate it with this one, too`);
  if (banCheck(registry.bans, address)(transfer))
    throw notAssigned(transfer, `is banned, or the host ${address} is; see GET /bans`);
  return transfer;
}

function notAssigned({ infoHash }: Transfer, why: string): ApiError {
  return new ApiError("TRANSFER_NOT_ASSIGNED", `The transfer ${infoHash} ${why}.`);
}

function isTarget({ targets }: Transfer, address: string): boolean {
  return targets.length === 0 || targets.includes(address);
}

/** Whether a transfer, or the host itself, is banned; which client will announce is not known. */
function banCheck(bans: BanLookup, address: string): (transfer: Transfer) => boolean {
  const endpoint = compactEndpoint(parseHostAddress(address), 0);
  const peerId = "" as PeerId;
  return ({ infoHash }) => bans.turnsAway({ infoHash, endpoint, otherEndpoint: undefined, peerId }) !== undefined;
}
