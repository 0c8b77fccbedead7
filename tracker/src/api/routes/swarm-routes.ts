// What a transfer's swarm is like: its peers, its racks, and why a peer gets the peers it gets.
import { type Static, Type } from "typebox";
import { parseHostAddress } from "../../wire/compact-address.ts";
import type { Api, ApiParts } from "../api-parts.ts";
import { findTransfer, parseAddress } from "../parameters.ts";
import {
  AddressParameter,
  answer,
  ExplainedPeer,
  Host,
  InfoHashParameter,
  PeerFilter,
  Rack,
  reference,
  REFUSALS,
} from "../schemas.ts";
import { pictureExplained } from "../swarm-picture.ts";
import { observe } from "../transfer-picture.ts";

export function registerSwarmRoutes(api: Api, parts: ApiParts): void {
  const { registry, store, now } = parts;
  const peers = {
    operationId: "listPeers",
    summary: "The live clients of a transfer, in order of arrival",
    params: InfoHashParameter,
    querystring: PeerFilter,
    response: { 200: answer("The clients", Type.Object({ peers: Type.Array(reference(Host)) })), ...REFUSALS },
  };
  api.get("/transfers/:infoHash/peers", { schema: peers }, async ({ params, query }) => {
    const { swarm } = await observe(parts, findTransfer(registry, params.infoHash));
    return { peers: swarm.hosts.filter((host) => isWanted(host, query)) };
  });

  const racks = {
    operationId: "listRacks",
    summary: "The racks of a transfer's live clients",
    params: InfoHashParameter,
    response: { 200: answer("The racks", Type.Object({ racks: Type.Array(reference(Rack)) })), ...REFUSALS },
  };
  api.get("/transfers/:infoHash/racks", { schema: racks }, async ({ params }) => {
    const { swarm } = await observe(parts, findTransfer(registry, params.infoHash));
    return { racks: swarm.racks };
  });

  const explaining = {
    operationId: "explainHost",
    summary: "Why the clients on a host get the peers they get",
    params: Type.Object({ ...InfoHashParameter.properties, ...AddressParameter.properties }),
    response: {
      200: answer("One entry a client", Type.Object({ peers: Type.Array(reference(ExplainedPeer)) })),
      ...REFUSALS,
    },
  };
  api.get("/transfers/:infoHash/explain/:address", { schema: explaining }, async ({ params }) => {
    const { infoHash } = findTransfer(registry, params.infoHash);
    const host = parseHostAddress(parseAddress(params.address, "address"));
    return { peers: (await store.explain(infoHash, host, now())).map(pictureExplained) };
  });
}

function isWanted(host: Static<typeof Host>, { role, rack }: Static<typeof PeerFilter>): boolean {
  if (rack !== undefined && host.rack !== rack) return false;
  if (role === undefined) return true;
  if (role === "seeder" || role === "leecher") return host.seeder === (role === "seeder");
  return host.role === role;
}
