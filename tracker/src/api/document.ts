// What the OpenAPI document says beside the routes.
import type { FastifyDynamicSwaggerOptions } from "@fastify/swagger";

export const DOCUMENT: FastifyDynamicSwaggerOptions = {
  openapi: {
    openapi: "3.1.0",
    info: {
      title: "Rackcast tracker",
      version: "1",
      description:
        "Control of transfers. Without API_TOKEN it is answered to the tracker's own host only; with it, to bearers of the token. Calls below /hosts/{address} are answered to that host itself, too.",
    },
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer", description: "The tracker's API_TOKEN" } },
    },
    security: [{}, { token: [] }],
  },
  refResolver: {
    buildLocalReference: (json, _baseUri, _fragment, index) =>
      typeof json["$id"] === "string" ? json["$id"] : `def-${index}`,
  },
};
