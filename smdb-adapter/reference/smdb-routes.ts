// Servers in the shape that rest resolvers ask for by default.
import { type Static, Type } from "typebox";
import { type Host, readAddress } from "./host-data.ts";
import { answer, reference, Refusal, Server } from "./schemas.ts";
import type { Smdb, SmdbParts } from "./smdb-parts.ts";

const ServersByName = Type.Unsafe<Record<string, Static<typeof Server>>>({
  type: "object",
  additionalProperties: reference(Server),
});

export function registerSmdbRoutes(smdb: Smdb, { data }: SmdbParts): void {
  const byAddress = {
    operationId: "findServers",
    summary: "The servers that have an address, by their names; one, unless the data is at fault",
    params: Type.Object({ address: Type.String({ description: "IPv4 or IPv6" }) }),
    response: {
      200: answer("The servers", ServersByName),
      404: answer("No server has this address", reference(Refusal)),
    },
  };
  smdb.get("/servers/ipaddresses/:address", { schema: byAddress }, async (request, reply) => {
    const address = readAddress(request.params.address);
    const found = data().byAddress.get(address ?? "");
    if (found !== undefined) return Object.fromEntries(found.map(({ host }) => [host.name, pictureServer(host)]));
    reply.code(404);
    return { detail: "No server has this address." };
  });

  const byName = {
    operationId: "showServer",
    summary: "One server",
    params: Type.Object({ name: Type.String() }),
    response: {
      200: answer("The server", reference(Server)),
      404: answer("No server has this name", reference(Refusal)),
    },
  };
  smdb.get("/servers/:name", { schema: byName }, async (request, reply) => {
    const host = data().byName.get(request.params.name);
    if (host !== undefined) return pictureServer(host);
    reply.code(404);
    return { detail: "No server has this name." };
  });
}

function pictureServer({ name: _name, ...server }: Host): Static<typeof Server> {
  return server;
}
