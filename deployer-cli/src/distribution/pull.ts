// The driver `pull`: hosts ask the tracker by themselves what they should have, so declaring them is all there is to do.
import type { DistributionDriver } from "./driver.ts";

/** Hosts load, verify and remove on their own, and report to the tracker: see `rackcast config render pull`. */
export function createPullDriver(): DistributionDriver {
  return { check: async () => undefined, load: async () => [] };
}
