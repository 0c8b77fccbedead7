// How long a transfer takes by the tracker's policy, rack by rack. Pure; seconds and bytes.
import { type FleetRack, type PlanRequest, slotsOf } from "./plan-request.ts";
import {
  kindOf,
  type PacedRequest,
  paced,
  type PullingGroup,
  pullingGroups,
  secondsFor,
  spreadInside,
} from "./pulling-groups.ts";
import { WIDTHS } from "./spreading.ts";
import { turnStarts } from "./turns.ts";

export interface RackEstimate {
  readonly rack: FleetRack;
  /** Over the uplink: one copy. */
  readonly bytesIn: number;
  /** When all its slots pull everything. */
  readonly mostBytesIn: number;
  /** For one copy over the uplink, as fast as the client, the budget and its share of the origin allow. */
  readonly uplinkSeconds: number;
  /** From then until its last host is complete. */
  readonly insideSeconds: number;
  /** Until its last host is complete, if its turn is the last. */
  readonly doneSeconds: number;
}

/** What the tracker can be told, and so the plan chooses. */
interface Steering {
  /** Racks, or datacenters, that the origin feeds at a time. */
  readonly fedByOrigin: number;
  /** What a host's link carries ÷ what a rack pulls, or more than that, so that fans are wider. */
  readonly width: number;
}

export interface Estimate extends Steering {
  readonly clientMbps: number;
  readonly announceEverySeconds: number;
  /** At what rate a rack, or datacenter, pulls; of the slowest. */
  readonly pullMbps: number;
  /** In the order of the request. */
  readonly racks: readonly RackEstimate[];
  /** The one that is done last. */
  readonly worst: RackEstimate;
  readonly totalSeconds: number;
}

const EVERY_FANOUT_TO = 16;

/** By the quickest steering: the origin feeds few at full speed, or more that share its link; fans are narrow or wide. */
export function estimate(asked: PlanRequest): Estimate {
  const request = paced(asked);
  const groups = pullingGroups(request).toSorted((one, other) => other.mostMbps - one.mostMbps);
  const kinds = [...new Map(groups.map((group) => [kindOf(group), group])).values()];
  const schedules = fanoutsOf(groups.length).map((fedByOrigin) => scheduleFor(request, groups, fedByOrigin));
  const tried = schedules.flatMap((schedule) =>
    WIDTHS.map((width) => {
      const steered = { ...schedule, width };
      return { steered, worst: slowest(kinds.flatMap((group) => groupEstimates(request, group, steered))) };
    }),
  );
  const best = tried.reduce((best, one) => (one.worst.doneSeconds < best.worst.doneSeconds ? one : best));
  return describe(request, groups, best.steered);
}

/** Every number of a few, further and further apart beyond. */
function fanoutsOf(groups: number): number[] {
  const fanouts = Array.from({ length: Math.min(groups, EVERY_FANOUT_TO) }, (_, index) => index + 1);
  for (let many = EVERY_FANOUT_TO * 1.5; many < groups; many *= 1.5) fanouts.push(Math.floor(many));
  return groups > EVERY_FANOUT_TO ? [...fanouts, groups] : fanouts;
}

interface Schedule extends Pick<Steering, "fedByOrigin"> {
  /** The part of the origin's link, in Mbit/s, of each that it feeds. */
  readonly originShareMbps: number;
  /** When the last turn begins, and the one before. */
  readonly lastStart: number;
  readonly startBeforeLast: number;
}

/** `groups` by what they can pull, the quickest first. */
function scheduleFor(request: PacedRequest, groups: readonly PullingGroup[], fedByOrigin: number): Schedule {
  const originShareMbps = (request.budget * request.originMbps) / fedByOrigin;
  const starts = turnStarts({
    fedByOrigin,
    pullSeconds: groups.map((group) => secondsFor(request.payloadBytes, Math.min(group.mostMbps, originShareMbps))),
    introductionSeconds: request.announceEverySeconds,
  });
  return { fedByOrigin, originShareMbps, lastStart: starts.at(-1) ?? 0, startBeforeLast: starts.at(-2) ?? 0 };
}

type Steered = Schedule & Steering;

function groupEstimates(request: PacedRequest, group: PullingGroup, steered: Steered): RackEstimate[] {
  const { payloadBytes } = request;
  const { lastStart, startBeforeLast, originShareMbps, width } = steered;
  const pullSeconds = secondsFor(payloadBytes, Math.min(group.mostMbps, originShareMbps));
  return group.racks.map((rack) => {
    const { fannedSeconds, passingSeconds } = spreadInside(request, { group, rack, pullSeconds, width });
    const passedOn = lastStart > 0 ? startBeforeLast + passingSeconds - lastStart : 0;
    const insideSeconds = Math.max(fannedSeconds, passedOn);
    // Hosts ask at any time of the interval.
    const askedAfter = request.announceEverySeconds / 2;
    return {
      rack,
      bytesIn: payloadBytes,
      mostBytesIn: slotsOf(rack, request) * payloadBytes,
      uplinkSeconds: pullSeconds,
      insideSeconds,
      doneSeconds: askedAfter + lastStart + pullSeconds + insideSeconds,
    };
  });
}

function slowest(racks: readonly RackEstimate[]): RackEstimate {
  return racks.reduce((last, one) => (one.doneSeconds > last.doneSeconds ? one : last));
}

function describe(request: PacedRequest, groups: readonly PullingGroup[], steered: Steered): Estimate {
  const byRack = new Map(
    groups.flatMap((group) => groupEstimates(request, group, steered)).map((one) => [one.rack, one]),
  );
  const racks = request.racks.flatMap((rack) => byRack.get(rack) ?? []);
  const worst = slowest(racks);
  return {
    clientMbps: request.rateMbps,
    announceEverySeconds: request.announceEverySeconds,
    fedByOrigin: steered.fedByOrigin,
    width: steered.width,
    pullMbps: Math.min(steered.originShareMbps, groups.at(-1)?.mostMbps ?? 0),
    racks,
    worst,
    totalSeconds: worst.doneSeconds,
  };
}
