// Which introduction rule holds for a pair.
import type { PeerTable } from "../peer-table.ts";
import type { IntroductionName, SwarmPolicy } from "../policy.ts";
import { fan } from "./fan.ts";
import type { Introduction } from "./introduction.ts";
import { late } from "./late.ts";
import { plain, plainOnce } from "./plain.ts";

const RULES: Readonly<Record<IntroductionName, Introduction>> = { plain, late, fan };

/** `auto` goes by the pair's source: what a client does not tell in time, its taker cannot ask for. */
export function introductionOf(policy: SwarmPolicy, table: PeerTable, source: number, taker: number): Introduction {
  if (policy.introduction !== "auto") return RULES[policy.introduction];
  if (table.isLate(source)) return fan;
  return table.isLate(taker) ? plainOnce : plain;
}

/** The rule for pairs of which both clients are late, whoever is the source. */
export function introductionOfLate({ introduction }: SwarmPolicy): Introduction {
  return introduction === "auto" ? fan : RULES[introduction];
}
