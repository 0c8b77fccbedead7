// The table of racks: those that are alike are one row, and what is shown of them goes by how wide the paper is. Pure.
import type { Column } from "../output/table.ts";
import { formatBytes, formatClock, formatShare } from "../output/units.ts";
import type { RackEstimate } from "./estimate.ts";
import type { Plan } from "./plan.ts";
import { slotsOf } from "./plan-request.ts";

/** Racks of as many hosts behind links of the same speed. */
export interface SimilarRacks {
  readonly names: readonly string[];
  readonly estimate: RackEstimate;
}

const WIDE_COLUMNS = 120;
const NARROW_NAME = 24;
const WIDE_NAME = 60;

export function similarRacks(racks: readonly RackEstimate[]): SimilarRacks[] {
  const alike = Map.groupBy(racks, (one) => JSON.stringify([one.rack.hosts, one.rack.uplinkMbps, one.doneSeconds]));
  return [...alike.values()].flatMap((group) => {
    const [estimate] = group;
    return estimate === undefined ? [] : [{ names: group.map(({ rack }) => rack.name), estimate }];
  });
}

export function rackColumns(plan: Plan, columns: number): readonly Column<SimilarRacks>[] {
  return columns >= WIDE_COLUMNS ? wideColumns(plan) : NARROW;
}

const NARROW: readonly Column<SimilarRacks>[] = [
  { head: "RACK", cell: ({ names }) => nameOf(names, NARROW_NAME) },
  number("HOSTS", ({ rack }) => `${rack.hosts}`),
  number("MBIT/S", ({ rack }) => `${rack.uplinkMbps}`),
  number("IN", ({ bytesIn }) => formatBytes(bytesIn)),
  number("UPLINK", ({ uplinkSeconds }) => formatClock(uplinkSeconds)),
  number("INSIDE", ({ insideSeconds }) => formatClock(insideSeconds)),
  number("DONE", ({ doneSeconds }) => formatClock(doneSeconds)),
];

function wideColumns({ request, estimate }: Plan): readonly Column<SimilarRacks>[] {
  const share = ({ rack }: RackEstimate, slots: number) =>
    formatShare(Math.min(1, (estimate.clientMbps * slots) / rack.uplinkMbps + 1e-9));
  return [
    { head: "RACK", cell: ({ names }) => nameOf(names, WIDE_NAME) },
    number("HOSTS", ({ rack }) => `${rack.hosts}`),
    number("UPLINK MBIT/S", ({ rack }) => `${rack.uplinkMbps}`),
    number("BYTES IN", ({ bytesIn }) => formatBytes(bytesIn)),
    number("AT WORST", ({ mostBytesIn }) => formatBytes(mostBytesIn)),
    number("OF UPLINK", (one) => share(one, 1)),
    number("AT WORST", (one) => share(one, slotsOf(one.rack, request))),
    number("ON THE UPLINK", ({ uplinkSeconds }) => formatClock(uplinkSeconds)),
    number("THEN INSIDE", ({ insideSeconds }) => formatClock(insideSeconds)),
    number("DONE AFTER", ({ doneSeconds }) => formatClock(doneSeconds)),
  ];
}

function number(head: string, cell: (estimate: RackEstimate) => string): Column<SimilarRacks> {
  return { head, align: "right", cell: ({ estimate }) => cell(estimate) };
}

function nameOf([first = "", ...others]: readonly string[], columns: number): string {
  const rest = others.length > 0 ? ` and ${others.length} more` : "";
  const room = columns - rest.length;
  return (first.length > room ? `${first.slice(0, room - 1)}…` : first) + rest;
}
