// How often what was malformed, over all front ends.

export interface FaultCounts {
  /** `kind` is a literal of the code, such as `udp-bad-connection-id`. */
  count(kind: string): void;
  totals(): ReadonlyMap<string, number>;
}

/** More kinds than the code has; a kind made from what a client sent must not fill the memory. */
const MAX_KINDS = 200;
const OTHERS = "others";

export function createFaultCounts(): FaultCounts {
  const counts = new Map<string, number>();
  return {
    count(kind) {
      const name = counts.has(kind) || counts.size < MAX_KINDS ? kind : OTHERS;
      counts.set(name, (counts.get(name) ?? 0) + 1);
    },
    totals: () => counts,
  };
}
