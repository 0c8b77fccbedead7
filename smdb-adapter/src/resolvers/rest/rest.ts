// The `rest` resolver: places from a server-management service over HTTP.
import { TopologyError } from "../../errors.ts";
import { defineResolverKind, type ResolverContext } from "../../resolver-kind.ts";
import type { Location, TopologyResolver } from "../../topology-resolver.ts";
import { createFaultList } from "./fault-list.ts";
import { choosePlace } from "./host-place.ts";
import { findHosts, type OnFault } from "./lookup.ts";
import { compilePlan } from "./lookup-plan.ts";
import { connectionsOf, startRenewedClient } from "./renewed-client.ts";
import { RequestError } from "./request-failure.ts";
import { REST_SETTINGS, type RestSettings } from "./rest-settings.ts";

export const restKind = defineResolverKind({
  type: "rest",
  settings: REST_SETTINGS,
  isLocal: false,
  mostAtOnce: connectionsOf,
  start: startRestResolver,
});

/** Does not ask the service, which may come up later. Rejects with `RESOLVER_SETTINGS_FAULTY`. */
async function startRestResolver(settings: RestSettings, context: ResolverContext): Promise<TopologyResolver> {
  const { name, levels, timeoutMs, onEvent } = context;
  const faults = createFaultList();
  const plan = compilePlan(settings, levels, faults);
  const service = await startRenewedClient(settings, context, faults);
  const onFault: OnFault = (fault, problem) => onEvent({ kind: "fault", resolver: name, fault, problem });

  async function locate(address: string): Promise<Location | undefined> {
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const hosts = await findHosts(address, { plan, client: service.client(), onFault, signal });
      const path = choosePlace(hosts, { plan, levels, onFault });
      return path && { path, resolver: name };
    } catch (error) {
      throw error instanceof RequestError ? failureOf(name, error) : error;
    }
  }

  return { name, locate, reload: service.reload, close: service.close };
}

function failureOf(name: string, { url, failure }: RequestError): TopologyError {
  const { problem, remedy, cause } = failure;
  return new TopologyError({
    code: "RESOLVER_FAILED",
    problem: `resolver ${name}: ${url} ${problem}`,
    cause,
    ...(remedy !== undefined && { remedy }),
  });
}
