// Checks an aria2.conf.
import { readFileSync } from "node:fs";
import { unknownSetting } from "../unknown-setting.ts";
import type { Fault } from "./finding.ts";
import { atLeastOrUnlimited, is, isNot, type KeyedConfig, keyedFaults, type KeyRule } from "./keyed-settings.ts";
import { FEWEST_PEERS } from "./rtorrent/command-rules.ts";

const LONGEST_INTERVAL_SECONDS = 60;
const FEWEST_DOWNLOADS = 10;
const OPTIONS = new URL("../../commands/aria2-1.36.txt", import.meta.url);

const off = { byDefault: "true", isSound: is("false") };
const isControlled = ({ settings }: KeyedConfig) => settings.get("enable-rpc")?.value === "true";

const RULES: readonly KeyRule[] = [
  { key: "enable-dht", rule: "dht", ...off, fix: "enable-dht=false" },
  { key: "enable-dht6", rule: "dht", byDefault: "false", isSound: is("false"), fix: "enable-dht6=false" },
  { key: "enable-peer-exchange", rule: "pex", ...off, fix: "enable-peer-exchange=false" },
  {
    key: "bt-enable-lpd",
    rule: "local-discovery",
    byDefault: "false",
    isSound: is("false"),
    fix: "bt-enable-lpd=false",
  },
  { key: "bt-tracker", rule: "foreign-peers", byDefault: "", isSound: is(""), fix: "" },
  { key: "bt-tracker-interval", rule: "announce-rare", byDefault: "0", isSound: isSoon, fix: "bt-tracker-interval=5" },
  {
    key: "bt-max-peers",
    rule: "few-peers",
    byDefault: "55",
    isSound: atLeastOrUnlimited(FEWEST_PEERS),
    fix: "bt-max-peers=0",
  },
  {
    key: "seed-ratio",
    rule: "stops-seeding",
    byDefault: "1.0",
    isSound: (value) => Number(value) === 0,
    fix: "seed-ratio=0.0",
  },
  { key: "seed-time", rule: "stops-seeding", byDefault: "", isSound: is(""), fix: "" },
  {
    key: "max-concurrent-downloads",
    rule: "queue",
    byDefault: "5",
    isSound: (value) => Number(value) >= FEWEST_DOWNLOADS,
    fix: "max-concurrent-downloads=100",
  },
  { key: "all-proxy", rule: "proxy", byDefault: "", isSound: is(""), fix: "" },
  { key: "http-proxy", rule: "proxy", byDefault: "", isSound: is(""), fix: "" },
  {
    key: "rpc-listen-all",
    rule: "open-control",
    byDefault: "false",
    isSound: (value, config) => !isControlled(config) || value === "false",
    fix: "rpc-listen-all=false",
  },
  {
    key: "rpc-secret",
    rule: "control-without-secret",
    byDefault: "",
    isSound: (value, config) => !isControlled(config) || value !== "",
    fix: "rpc-secret=AT_LEAST_16_CHARACTERS",
  },
  ...[
    "on-download-complete",
    "on-bt-download-complete",
    "on-download-start",
    "on-download-error",
    "on-download-stop",
    "on-download-pause",
  ].map((key): KeyRule => ({ key, rule: "execute", byDefault: "", isSound: is(""), fix: "" })),
];

/** 0 leaves it to the tracker's interval, which is minutes. */
function isSoon(value: string): boolean {
  return isNot("0")(value) && Number(value) <= LONGEST_INTERVAL_SECONDS;
}

export function lintAria2(text: string): Fault[] {
  const lines = text.replace(/\n$/, "").split("\n");
  const known = new Set(
    readFileSync(OPTIONS, "utf8")
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#")),
  );
  const settings = new Map<string, { line: number; value: string }>();
  const unknown: Fault[] = [];
  for (const [index, raw] of lines.entries()) {
    const written = raw.trim();
    if (written === "" || written.startsWith("#")) continue;
    const [key = "", ...rest] = written.split("=");
    const name = key.trim();
    const line = index + 1;
    if (!known.has(name)) {
      const said = unknownSetting(name, [...known]).replace("is no setting", "is no option of aria2");
      unknown.push({ line, rule: "unknown-option", message: `${name} ${said}`, fix: "" });
    }
    settings.set(name, { line, value: rest.join("=").trim() });
  }
  return [...unknown, ...valueFaults(settings), ...keyedFaults({ settings, lineCount: lines.length }, RULES)];
}

const SWITCHES =
  /^(enable-dht6?|enable-peer-exchange|bt-enable-lpd|enable-rpc|rpc-listen-all|disable-ipv6|check-integrity|force-save|bt-detach-seed-only)$/;

function valueFaults(settings: KeyedConfig["settings"]): Fault[] {
  return [...settings]
    .filter(([name, { value }]) => SWITCHES.test(name) && value !== "true" && value !== "false")
    .map(([name, { line, value }]) => ({
      line,
      rule: "bad-value",
      message: `${name} takes true or false, not ${JSON.stringify(value)}`,
    }));
}
