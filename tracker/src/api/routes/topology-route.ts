// Where an address is, who says so, and where the policy puts it.
import type { ResolverExplanation, TopologyExplanation } from "@rackcast/smdb-adapter";
import { unknownGroup } from "../../service/announce-service.ts";
import type { Api, ApiParts } from "../api-parts.ts";
import { parseAddress } from "../parameters.ts";
import { Placement, PlacementFilter } from "../placement-schemas.ts";
import { AddressParameter, answer, reference, REFUSALS } from "../schemas.ts";

export function registerTopologyRoute(api: Api, { topology, policy, settings }: ApiParts): void {
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
