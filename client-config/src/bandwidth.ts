// How much of a host's access link a client may take.
import { Type, type Static } from "typebox";

const BITS_PER_MEGABIT = 1_000_000;
const BITS_PER_KIBIBYTE = 8 * 1024;

export const BandwidthBudgetSchema = Type.Object(
  {
    accessMbps: Type.Number({
      description: "Speed of the host's access link, in megabits (10^6 bits) per second each way.",
      exclusiveMinimum: 0,
      maximum: 1_000_000,
    }),
    share: Type.Number({
      description: "The part of that link that transfers may take each way: 0.5 is one half.",
      exclusiveMinimum: 0,
      maximum: 1,
    }),
  },
  { additionalProperties: false },
);

export type BandwidthBudget = Static<typeof BandwidthBudgetSchema>;

/** The budget in KiB/s, rounded down; never 0, which clients take for "no limit". */
export function bandwidthLimitKiBps({ accessMbps, share }: BandwidthBudget): number {
  return Math.max(1, Math.floor((accessMbps * BITS_PER_MEGABIT * share) / BITS_PER_KIBIBYTE));
}
