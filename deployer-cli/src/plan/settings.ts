// The settings that make a plan come true: the tracker's, and the limits of the hosts' and the origin's clients. Pure.
import { bandwidthLimitKiBps, type BandwidthBudget } from "@rackcast/client-config";
import type { Estimate } from "./estimate.ts";
import type { PlanRequest } from "./plan-request.ts";

export interface ClientLimit {
  /** For `rackcast config render`; undefined where no limit is needed. */
  readonly bandwidth: BandwidthBudget | undefined;
  /** 0 is none. */
  readonly kiBps: number;
}

export interface PlanSettings {
  /** By the names of the tracker's settings. */
  readonly tracker: Readonly<Record<string, string>>;
  readonly hosts: ClientLimit;
  readonly origin: ClientLimit;
}

export function settingsFor(request: PlanRequest, estimate: Estimate): PlanSettings {
  const { budget, accessMbps, originMbps, racks, datacenterMbps } = request;
  const hostMbps = Math.min(budget * accessMbps, estimate.clientMbps);
  const uplink = toldUplink(hostMbps, estimate);
  const groups = datacenterMbps.size > 0 ? datacenterMbps.size : racks.length;
  // The tracker divides the two to know how many the origin feeds.
  const origin = estimate.fedByOrigin < groups ? estimate.fedByOrigin * uplink : budget * originMbps;
  return {
    tracker: {
      ...slotSettings(request),
      UPLINK_MBITS: mbits(uplink),
      ACCESS_MBITS: mbits(hostMbps),
      ORIGIN_MBITS: mbits(Math.max(origin, uplink)),
      ANNOUNCE_EVERY: `${estimate.announceEverySeconds}`,
    },
    hosts: limitOf(accessMbps, estimate.clientMbps),
    origin: limitOf(originMbps, budget * originMbps),
  };
}

/** Less than the truth where hosts' links are hardly wider than what a rack pulls: else mates would wait for a complete copy. */
function toldUplink(hostMbps: number, { pullMbps, width }: Estimate): number {
  return Math.min(pullMbps, hostMbps / width);
}

function slotSettings({ rackSlots, datacenterSlots, datacenterMbps }: PlanRequest): Record<string, string> {
  if (datacenterMbps.size === 0) return { MAX_REPR_RACK: `${rackSlots}` };
  return { MAX_REPR: `dc:${datacenterSlots},rack:${rackSlots}` };
}

function limitOf(linkMbps: number, mbps: number): ClientLimit {
  if (mbps >= linkMbps) return { bandwidth: undefined, kiBps: 0 };
  const bandwidth = { accessMbps: linkMbps, share: Math.max(1e-6, Math.floor((mbps / linkMbps) * 1e6) / 1e6) };
  return { bandwidth, kiBps: bandwidthLimitKiBps(bandwidth) };
}

function mbits(value: number): string {
  return `${Number(value.toPrecision(6))}`;
}
