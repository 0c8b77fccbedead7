// What concerns one address: where it is, and what it should have.
import { Type } from "typebox";
import type { BanLookup } from "../../bans/ban-list.ts";
import { unknownGroup } from "../../service/announce-service.ts";
import { compactEndpoint, type InfoHash, type PeerId } from "../../swarm/identifiers.ts";
import { parseHostAddress } from "../../wire/compact-address.ts";
import type { Api, ApiParts } from "../api-parts.ts";
import { parseAddress } from "../parameters.ts";
import { AddressParameter, answer, Placement, reference, REFUSALS, Transfer } from "../schemas.ts";
import { pictureTransfers } from "../transfer-picture.ts";

export function registerHostRoutes(api: Api, parts: ApiParts): void {
  const { registry, locate, policy, settings } = parts;
  const assigned = {
    operationId: "listHostTransfers",
    summary: "The active transfers that a host should have",
    description:
      "Those that name it as a target, and those that name no targets; banned ones are left out, and a banned host has none.",
    params: AddressParameter,
    response: {
      200: answer("The transfers", Type.Object({ transfers: Type.Array(reference(Transfer)) })),
      ...REFUSALS,
    },
  };
  api.get("/hosts/:address/transfers", { schema: assigned }, async ({ params }) => {
    const address = parseAddress(params.address, "address");
    const isBanned = banCheck(registry.bans, address);
    const transfers = (await registry.list()).filter(
      ({ infoHash, state, targets }) =>
        state === "active" && !isBanned(infoHash) && (targets.length === 0 || targets.includes(address)),
    );
    return { transfers: await pictureTransfers(parts, transfers) };
  });

  const placing = {
    operationId: "locateAddress",
    summary: "Where an address is, who says so, and where the policy puts it",
    params: AddressParameter,
    response: { 200: answer("The place", reference(Placement)), ...REFUSALS },
  };
  api.get("/topology/:address", { schema: placing }, async ({ params }) => {
    const address = parseAddress(params.address, "address");
    const { location, cached, ageSeconds } = await locate(address);
    const path = location?.path;
    const levels = policy.levels.length;
    const group = path?.length === levels ? path : unknownGroup(settings.unknownRack, levels, address);
    return {
      address,
      path: path ? [...path] : null,
      resolver: location?.resolver ?? null,
      cached,
      ageSeconds: ageSeconds ?? null,
      group: [...(group ?? [])],
    };
  });
}

/** Whether a transfer, or the host itself, is banned; which client will announce is not known. */
function banCheck(bans: BanLookup, address: string): (infoHash: InfoHash) => boolean {
  const endpoint = compactEndpoint(parseHostAddress(address), 0);
  const peerId = "" as PeerId;
  return (infoHash) => bans.turnsAway({ infoHash, endpoint, otherEndpoint: undefined, peerId }) !== undefined;
}
