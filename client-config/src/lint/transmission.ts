// Checks a settings.json of Transmission. A default that differs between 3.00 and 4.x counts as the worse of both.
import type { Fault } from "./finding.ts";
import { atLeastOrUnlimited, is, isLoopback, type KeyedConfig, keyedFaults, type KeyRule } from "./keyed-settings.ts";
import { FEWEST_PEERS } from "./rtorrent/command-rules.ts";

const off = { byDefault: "true", isSound: is("false") };
const staysOff = { byDefault: "false", isSound: is("false") };

const isOpenRpc = ({ settings }: KeyedConfig) => (settings.get("rpc-enabled")?.value ?? "true") === "true";

const RULES: readonly KeyRule[] = [
  { key: "dht-enabled", rule: "dht", ...off, fix: '"dht-enabled": false,' },
  { key: "pex-enabled", rule: "pex", ...off, fix: '"pex-enabled": false,' },
  { key: "lpd-enabled", rule: "local-discovery", ...off, fix: '"lpd-enabled": false,' },
  { key: "utp-enabled", rule: "utp", ...off, fix: '"utp-enabled": false,' },
  { key: "port-forwarding-enabled", rule: "port-forwarding", ...off, fix: '"port-forwarding-enabled": false,' },
  { key: "default-trackers", rule: "foreign-peers", byDefault: "", isSound: is(""), fix: '"default-trackers": "",' },
  {
    key: "rpc-bind-address",
    rule: "open-control",
    byDefault: "0.0.0.0",
    isSound: (value, config) => !isOpenRpc(config) || isLoopback(value),
    fix: '"rpc-bind-address": "127.0.0.1",',
  },
  {
    key: "rpc-whitelist-enabled",
    rule: "open-control",
    byDefault: "true",
    isSound: (value, config) => !isOpenRpc(config) || value === "true",
    fix: '"rpc-whitelist-enabled": true,',
  },
  { key: "umask", rule: "umask", byDefault: "18", isSound: takesWritingFromOthers, fix: '"umask": 18,' },
  { key: "script-torrent-done-enabled", rule: "execute", ...staysOff, fix: '"script-torrent-done-enabled": false,' },
  { key: "script-torrent-added-enabled", rule: "execute", ...staysOff, fix: '"script-torrent-added-enabled": false,' },
  { key: "ratio-limit-enabled", rule: "stops-seeding", ...staysOff, fix: '"ratio-limit-enabled": false,' },
  {
    key: "idle-seeding-limit-enabled",
    rule: "stops-seeding",
    ...staysOff,
    fix: '"idle-seeding-limit-enabled": false,',
  },
  { key: "download-queue-enabled", rule: "queue", ...off, fix: '"download-queue-enabled": false,' },
  { key: "seed-queue-enabled", rule: "queue", ...staysOff, fix: '"seed-queue-enabled": false,' },
  {
    key: "peer-limit-per-torrent",
    rule: "few-peers",
    byDefault: "50",
    isSound: atLeastOrUnlimited(FEWEST_PEERS),
    fix: '"peer-limit-per-torrent": 200,',
  },
];

/** 3.00 has the number, 4.x a text in octal. */
function takesWritingFromOthers(value: string): boolean {
  const umask = value.startsWith("0") ? Number.parseInt(value, 8) : Number(value);
  return (umask & 0o002) !== 0;
}

export function lintTransmission(text: string): Fault[] {
  const lines = text.replace(/\n$/, "").split("\n");
  const parsed = parseObject(text);
  if (typeof parsed === "string") {
    const at = Number(/position (\d+)/.exec(parsed)?.[1] ?? 0);
    const line = text.slice(0, at).split("\n").length;
    return [{ line, rule: "syntax", message: `Transmission reads JSON only: ${parsed}` }];
  }
  const lineOf = (key: string) =>
    Math.max(
      0,
      lines.findIndex((line) => line.includes(JSON.stringify(key))),
    ) + 1;
  const settings = new Map(
    Object.entries(parsed).map(([key, value]) => [key, { line: lineOf(key), value: valueText(value) }]),
  );
  return keyedFaults({ settings, lineCount: lines.length }, RULES);
}

/** A text is what is wrong. */
function parseObject(text: string): object | string {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : "it has to be one object";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function valueText(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}
