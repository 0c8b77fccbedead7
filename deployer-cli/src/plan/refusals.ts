// Why a plan is refused: it would take more of a link than the budget, or longer than the deadline. Pure.
import { CommandError } from "../errors.ts";
import { formatCount, formatSeconds, formatShare } from "../output/units.ts";
import { type BudgetedLink, clientRate, overloadedLinks } from "./client-rate.ts";
import { estimate, type Estimate } from "./estimate.ts";
import type { PlanRequest } from "./plan-request.ts";

const KIB_PER_MEGABIT = 1e6 / 8192;

/** Throws `PLAN_OVER_BUDGET` naming the worst link and what would do. */
export function refuseOverBudget(request: PlanRequest): void {
  const [worst, ...others] = overloadedLinks(request);
  if (worst === undefined) return;
  const rate = clientRate(request);
  const share = (rate * worst.slots) / worst.mbps;
  const taken = `${formatCount(worst.slots, "slot")} × ${rounded(rate)} Mbit/s may take ${percent(share)} of ${worst.name} (${worst.mbps} Mbit/s)`;
  const more = others.length > 0 ? `; so it is with ${formatCount(others.length, "more link")}` : "";
  const message = `${taken}, the budget is ${formatShare(request.budget)}${more}.\n${budgetRemedy(request, worst, share)}`;
  throw new CommandError("PLAN_OVER_BUDGET", message);
}

function budgetRemedy(request: PlanRequest, worst: BudgetedLink, share: number): string {
  const allowed = Math.floor(((request.budget * worst.mbps) / worst.slots) * KIB_PER_MEGABIT);
  const ways = [`limit clients to ${allowed} KiB/s (--client-kib ${allowed})`];
  const oneSlot = { ...request, rackSlots: 1, datacenterSlots: 1 };
  if (overloadedLinks(oneSlot).length === 0) ways.push("give racks one slot (--max-repr-rack 1)");
  if (share <= 1) ways.push(`allow more (--budget ${percent(share).replace(" ", "")})`);
  return `Either ${ways.join(", or ")}.`;
}

/** Throws `PLAN_TOO_SLOW` naming the rack that is last and what would do. */
export function refuseTooSlow(request: PlanRequest, { worst, totalSeconds }: Estimate, deadlineSeconds: number): void {
  if (totalSeconds <= deadlineSeconds) return;
  const late = `${worst.rack.name} would be complete after ${formatSeconds(totalSeconds)}, the deadline is ${formatSeconds(deadlineSeconds)}`;
  throw new CommandError("PLAN_TOO_SLOW", `${late}.\n${deadlineRemedy(request, deadlineSeconds)}`);
}

function deadlineRemedy(request: PlanRequest, deadlineSeconds: number): string {
  // A limit that was given is what the hosts have; with more budget it would have to rise too.
  const free = { ...request, clientMbps: undefined };
  const isEnough = (other: PlanRequest) => estimate(other).totalSeconds <= deadlineSeconds;
  const ways: string[] = [];
  if (request.rackSlots > 1 && isEnough({ ...free, rackSlots: 1 })) ways.push("one slot a rack (--max-repr-rack 1)");
  const budget = percentsAbove(request.budget).find((percents) => isEnough({ ...free, budget: percents / 100 }));
  if (budget !== undefined) ways.push(`--budget ${budget}%`);
  if (ways.length > 0) return `Enough would be ${ways.join(", or ")}.`;
  const seconds = estimate({ ...free, budget: 1 }).totalSeconds;
  return `With the whole of all links it would be ${formatSeconds(seconds)}: make the payload smaller or links faster, or give it longer (--deadline).`;
}

function percentsAbove(share: number): number[] {
  const first = Math.floor(share * 100) + 1;
  return Array.from({ length: Math.max(0, 101 - first) }, (_, index) => first + index);
}

function percent(share: number): string {
  return `${Math.ceil(share * 100 - 1e-6)} %`;
}

function rounded(mbps: number): number {
  return Number(mbps.toPrecision(4));
}
