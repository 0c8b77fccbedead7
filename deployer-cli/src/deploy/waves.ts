// Waves: which hosts get the release first, and which only once those have it.
import { InvalidArgumentError } from "commander";
import type { TargetHost } from "../distribution/driver.ts";

/** How many hosts have been asked for once a wave has begun: a number, or a share of all of them from 0 to 1. */
export type WaveSize = { readonly hosts: number } | { readonly share: number };

export interface Wave {
  /** From 1. */
  readonly index: number;
  /** As it was given: `1`, `10%`. */
  readonly label: string;
  /** The hosts that this wave adds. */
  readonly hosts: readonly TargetHost[];
}

export const ALL_AT_ONCE: readonly WaveSize[] = [{ share: 1 }];

const HINT = "Give growing numbers or shares of hosts that end with 100%, such as 1,10%,100%.";

/** `1,10%,100%`; throws commander's `InvalidArgumentError`. */
export function parseWaves(text: string): readonly WaveSize[] {
  const sizes = text.split(",").map((part) => parseSize(part.trim()));
  const last = sizes.at(-1);
  if (last === undefined || !("share" in last) || last.share !== 1) throw new InvalidArgumentError(HINT);
  for (const kind of [sharesOf(sizes), countsOf(sizes)]) {
    if (kind.some((size, index) => index > 0 && size <= (kind[index - 1] ?? 0))) throw new InvalidArgumentError(HINT);
  }
  return sizes;
}

function parseSize(text: string): WaveSize {
  const [, digits, percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text) ?? [];
  const number = Number(digits);
  if (digits === undefined || number <= 0) throw new InvalidArgumentError(HINT);
  if (percent === "%" && number <= 100) return { share: number / 100 };
  if (percent === "" && Number.isInteger(number)) return { hosts: number };
  throw new InvalidArgumentError(HINT);
}

function sharesOf(sizes: readonly WaveSize[]): number[] {
  return sizes.flatMap((size) => ("share" in size ? [size.share] : []));
}

function countsOf(sizes: readonly WaveSize[]): number[] {
  return sizes.flatMap((size) => ("hosts" in size ? [size.hosts] : []));
}

/** In the order of the hosts. A wave that adds nobody, because there are too few hosts, is left out. */
export function planWaves(sizes: readonly WaveSize[], hosts: readonly TargetHost[]): readonly Wave[] {
  const waves: Wave[] = [];
  let begun = 0;
  for (const size of sizes) {
    const upTo = Math.min(hosts.length, "hosts" in size ? size.hosts : Math.ceil(size.share * hosts.length));
    if (upTo <= begun) continue;
    waves.push({ index: waves.length + 1, label: labelOf(size), hosts: hosts.slice(begun, upTo) });
    begun = upTo;
  }
  return waves;
}

function labelOf(size: WaveSize): string {
  return "hosts" in size ? String(size.hosts) : `${Number((size.share * 100).toFixed(2))}%`;
}
