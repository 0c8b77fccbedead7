// A whole plan: the estimate, what to set for it, and what the same would cost otherwise. Pure.
import { type Alternative, httpFromOneServer, topologyBlindSwarm } from "./alternatives.ts";
import { estimate, type Estimate } from "./estimate.ts";
import type { PlanRequest } from "./plan-request.ts";
import { type PlanSettings, settingsFor } from "./settings.ts";

export interface Plan {
  readonly request: PlanRequest;
  readonly estimate: Estimate;
  readonly settings: PlanSettings;
  readonly topologyBlindSwarm: Alternative;
  readonly httpFromOneServer: Alternative;
}

export function makePlan(request: PlanRequest): Plan {
  const estimated = estimate(request);
  return {
    request,
    estimate: estimated,
    settings: settingsFor(request, estimated),
    topologyBlindSwarm: topologyBlindSwarm(request),
    httpFromOneServer: httpFromOneServer(request),
  };
}
