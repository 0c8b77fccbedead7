// The REST API: deployers' control calls, and the tracker's health.
import swagger from "@fastify/swagger";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import fastify from "fastify";
import { createAccessCheck } from "./access.ts";
import type { Api, ApiParts } from "./api-parts.ts";
import { DOCUMENT } from "./document.ts";
import { createHostAccessCheck } from "./host-access.ts";
import { answerUnknownRoute, createErrorAnswer } from "./problems.ts";
import { createReleaseFiles } from "./release-files.ts";
import { registerAnnounceKeyRoutes } from "./routes/announce-key-routes.ts";
import { registerAuditRoute } from "./routes/audit-route.ts";
import { registerBanRoutes } from "./routes/ban-routes.ts";
import { registerHealthRoutes } from "./routes/health-routes.ts";
import { registerHostRoutes } from "./routes/host-routes.ts";
import { registerMetricsRoute } from "./routes/metrics-route.ts";
import { registerPublishRoute } from "./routes/publish-route.ts";
import { BY_HOST, BY_TRANSFER, registerReleaseRoutes } from "./routes/release-routes.ts";
import { registerStateRoutes } from "./routes/state-routes.ts";
import { registerSwarmRoutes } from "./routes/swarm-routes.ts";
import { registerTopologyRoute } from "./routes/topology-route.ts";
import { registerTrafficRoute } from "./routes/traffic-route.ts";
import { registerTransferRoutes } from "./routes/transfer-routes.ts";
import { NAMED_SCHEMAS } from "./schemas.ts";

/** Holds the longest list of targets there may be. */
const JSON_BODY_BYTES = 16 * 2 ** 20;

/** Not yet listening; `await api.ready()` before its first request, `await api.close()` after its last. */
export function createApi(parts: ApiParts): Api {
  const { serverFactory, onClientError, log } = parts;
  const answerError = createErrorAnswer(log);
  const api: Api = fastify({
    bodyLimit: JSON_BODY_BYTES,
    // What a client misspells is refused, not dropped or bent into shape.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false } },
    frameworkErrors: answerError,
    ...(serverFactory && { serverFactory }),
    ...(onClientError && { clientErrorHandler: onClientError }),
  }).withTypeProvider<TypeBoxTypeProvider>();
  api.removeContentTypeParser("text/plain");
  for (const schema of NAMED_SCHEMAS) api.addSchema(schema);
  api.setErrorHandler(answerError);
  api.setNotFoundHandler(answerUnknownRoute);
  void api.register(swagger, DOCUMENT);
  void api.register(async (open: Api) => registerHealthRoutes(open, parts));
  const checkAccess = createAccessCheck(parts.settings.apiToken);
  const readFiles = createReleaseFiles(parts.registry);
  void api.register(async (hosts: Api) => {
    hosts.addHook("onRequest", createHostAccessCheck(checkAccess, parts));
    registerHostRoutes(hosts, parts);
    registerReleaseRoutes(hosts, parts, BY_HOST, readFiles);
  });
  void api.register(async (control: Api) => {
    control.addHook("onRequest", checkAccess);
    void control.register(async (publishing: Api) => registerPublishRoute(publishing, parts));
    registerTransferRoutes(control, parts);
    registerStateRoutes(control, parts);
    registerSwarmRoutes(control, parts);
    registerTrafficRoute(control, parts);
    registerReleaseRoutes(control, parts, BY_TRANSFER, readFiles);
    registerTopologyRoute(control, parts);
    registerBanRoutes(control, parts);
    registerAnnounceKeyRoutes(control, parts);
    registerAuditRoute(control, parts);
    registerMetricsRoute(control, parts);
    control.get("/openapi.json", { schema: { hide: true } }, () => api.swagger());
  });
  return api;
}
