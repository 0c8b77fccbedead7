// What concerns one address: where it is, and what it should have.
import type { ResolverExplanation, TopologyExplanation } from "@rackcast/smdb-adapter";
import { Type } from "typebox";
import type { BanLookup } from "../../bans/ban-list.ts";
import { unknownGroup } from "../../service/announce-service.ts";
import { compactEndpoint, type InfoHash, type PeerId } from "../../swarm/identifiers.ts";
import { parseHostAddress } from "../../wire/compact-address.ts";
import type { Api, ApiParts } from "../api-parts.ts";
import { parseAddress } from "../parameters.ts";
import { AddressParameter, answer, reference, REFUSALS, Transfer } from "../schemas.ts";
import { Placement, PlacementFilter } from "../placement-schemas.ts";
import { pictureTransfers } from "../transfer-picture.ts";

export function registerHostRoutes(api: Api, parts: ApiParts): void {
  const { registry, topology, policy, settings } = parts;
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
    querystring: PlacementFilter,
    response: { 200: answer("The place", reference(Placement)), ...REFUSALS },
  };
  api.get("/topology/:address", { schema: placing }, async ({ params, query }) => {
    const address = parseAddress(params.address, "address");
    const [explanation, others] = await Promise.all([
      topology.explain(address),
      query.all === "true" ? topology.explainAll(address) : undefined,
    ]);
    const { path } = pictureAnswer(explanation);
    const levels = policy.levels.length;
    const group = path !== null && path.length === levels ? path : unknownGroup(settings.unknownRack, levels, address);
    return {
      address,
      resolver: explanation.location?.resolver ?? null,
      ...pictureAnswer(explanation),
      group: [...(group ?? [])],
      ...(others && { resolvers: others.map(pictureResolver) }),
    };
  });
}

function pictureAnswer({ outcome, location, cached, ageSeconds, error }: TopologyExplanation) {
  const path = location === undefined ? null : [...location.path];
  return { outcome, path, cached, ageSeconds: ageSeconds ?? null, error: error ?? null };
}

function pictureResolver({ resolver, breakerState, ...explanation }: ResolverExplanation) {
  return { resolver, ...pictureAnswer(explanation), breaker: breakerState ?? null };
}

/** Whether a transfer, or the host itself, is banned; which client will announce is not known. */
function banCheck(bans: BanLookup, address: string): (infoHash: InfoHash) => boolean {
  const endpoint = compactEndpoint(parseHostAddress(address), 0);
  const peerId = "" as PeerId;
  return (infoHash) => bans.turnsAway({ infoHash, endpoint, otherEndpoint: undefined, peerId }) !== undefined;
}
