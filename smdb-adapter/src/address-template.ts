// Paths made of an address' own numbers: `row{3}/rack{2}`, octets of IPv4 or 16-bit groups of IPv6, counted from 1.
import { read, type Reading } from "./reading.ts";
import { fillTemplate, parseTemplate } from "./text-template.ts";
import { parseTopologyPath } from "./topology-path.ts";
import type { TopologyPath } from "./topology-resolver.ts";

export interface AddressTemplate {
  /** As it was written, with `/` between the levels. */
  readonly text: string;
  /** The path of an address, with `/` between the levels. */
  fill(words: Uint32Array): string;
}

const OCTETS = ["1", "2", "3", "4"];
const GROUPS = ["1", "2", "3", "4", "5", "6", "7", "8"];
const WIDEST_OCTET = "255";
const WIDEST_GROUP = "ffff";

/** Reads a template for addresses of so many words; one for each of `levels` if given. */
export function parseAddressTemplate(
  written: string | TopologyPath,
  keyWords: number,
  levels: readonly string[] | undefined,
): Reading<AddressTemplate> {
  const path = parseTopologyPath(written, levels);
  if (!path.ok) return path;
  const isIpv4 = keyWords === 1;
  const template = parseTemplate(path.value.join("/"), isIpv4 ? OCTETS : GROUPS);
  if (!template.ok) return template;
  const { value } = template;
  const widest = fillTemplate(value, () => (isIpv4 ? WIDEST_OCTET : WIDEST_GROUP));
  const filled = parseTopologyPath(widest, levels);
  if (!filled.ok) return filled;
  const numberAt = isIpv4 ? octetAt : groupAt;
  return read({ text: value.text, fill: (words) => fillTemplate(value, (name) => numberAt(words, Number(name))) });
}

function octetAt(words: Uint32Array, number: number): string {
  return String(((words[0] ?? 0) >>> (32 - number * 8)) & 255);
}

function groupAt(words: Uint32Array, number: number): string {
  const word = words[(number - 1) >> 1] ?? 0;
  return (number % 2 === 1 ? word >>> 16 : word & 0xffff).toString(16);
}
