// The options that several commands share, and the reading of their values.
import { isIP } from "node:net";
import { InvalidArgumentError, Option } from "commander";

export const DEFAULT_TRACKER = "http://127.0.0.1:6969";

const BYTE_UNITS: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  kib: 2 ** 10,
  k: 2 ** 10,
  mib: 2 ** 20,
  m: 2 ** 20,
  gib: 2 ** 30,
  g: 2 ** 30,
};
const SECOND_UNITS: Readonly<Record<string, number>> = { ms: 0.001, "": 1, s: 1, m: 60, h: 3600, d: 86_400 };

export function trackerOption(): Option {
  return new Option("-t, --tracker <url>", "the tracker")
    .env("RACKCAST_TRACKER")
    .default(DEFAULT_TRACKER)
    .argParser(parseTrackerUrl);
}

export function jsonOption(): Option {
  return new Option("--json", "print JSON");
}

export function signKeyOption(): Option {
  return new Option("--sign-key <file>", "sign the manifest with this private Ed25519 key (PEM)");
}

export function originOption(): Option {
  return new Option("--origin <address>", "a host that has the payload and seeds it (repeatable)").argParser(
    collectAddress,
  );
}

export function targetOption(): Option {
  return new Option("--target <address>", "a host that should get the payload (repeatable)").argParser(collectAddress);
}

export function targetsFileOption(): Option {
  return new Option("--targets-file <file>", "targets, one address a line, # for comments");
}

/** Without a slash at the end. */
export function parseTrackerUrl(text: string): string {
  const trimmed = text.trim().replace(/\/+$/, "");
  // An empty variable in the environment is one that is not set.
  if (trimmed === "") return DEFAULT_TRACKER;
  return parseHttpUrl(trimmed);
}

export function parseHttpUrl(text: string): string {
  const url = URL.parse(text);
  if (url && /^https?:$/.test(url.protocol) && url.hostname !== "") return text;
  throw new InvalidArgumentError(`Give a URL such as ${DEFAULT_TRACKER}.`);
}

/** Of an option that may be given several times. */
export function collectText(text: string, previous: readonly string[] | undefined): string[] {
  return [...(previous ?? []), text];
}

function collectAddress(text: string, previous: readonly string[] | undefined): string[] {
  return [...(previous ?? []), parseAddress(text)];
}

export function parseAddress(text: string): string {
  if (isIP(text) !== 0) return text;
  throw new InvalidArgumentError("Give an IPv4 or IPv6 address, without a port.");
}

export function parseCount(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Give a whole number from 1.");
}

/** `262144`, `256KiB`, `1M`: units of 1024. */
export function parseBytes(text: string): number {
  return quantity(text, BYTE_UNITS, "Give a size such as 256KiB or 1MiB.");
}

/** `90`, `90s`, `10m`, `1h`, `7d`, to seconds. */
export function parseDuration(text: string): number {
  return quantity(text, SECOND_UNITS, "Give a duration such as 90s, 10m or 1h.");
}

/** `100%` or `95`, to 0..1. */
export function parseShare(text: string): number {
  const percent = /^(\d+(?:\.\d+)?) ?%?$/.exec(text)?.[1];
  const share = Number(percent) / 100;
  if (percent !== undefined && share >= 0 && share <= 1) return share;
  throw new InvalidArgumentError("Give a share from 0% to 100%.");
}

function quantity(text: string, units: Readonly<Record<string, number>>, hint: string): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?) ?([a-z]*)$/i.exec(text.trim()) ?? [];
  const factor = unit === undefined ? undefined : units[unit.toLowerCase()];
  if (digits === undefined || factor === undefined) throw new InvalidArgumentError(hint);
  return Number(digits) * factor;
}
