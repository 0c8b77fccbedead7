// For Prometheus; like control calls, with the token or from the tracker's own host.
import { Type } from "typebox";
import type { Api, ApiParts } from "../api-parts.ts";
import { REFUSALS, TEXT_TYPE } from "../schemas.ts";

export function registerMetricsRoute(api: Api, { metrics }: Pick<ApiParts, "metrics">): void {
  const printing = {
    operationId: "readMetrics",
    summary: "What the tracker counts, in the text format of Prometheus",
    response: { 200: { description: "The metrics", content: { [TEXT_TYPE]: { schema: Type.String() } } }, ...REFUSALS },
  };
  api.get("/metrics", { schema: printing }, async (_, reply) =>
    reply.type(metrics.contentType).send(await metrics.print()),
  );
}
