// Checks a qBittorrent.conf, of 4.5 to 5.x.
import type { Fault } from "./finding.ts";
import { atLeastOrUnlimited, is, isLoopback, keyedFaults, type KeyRule } from "./keyed-settings.ts";
import { FEWEST_PEERS } from "./rtorrent/command-rules.ts";

const off = { byDefault: "true", isSound: is("false") };
const staysOff = { byDefault: "false", isSound: is("false") };

const SESSION = "BitTorrent/Session";

const RULES: readonly KeyRule[] = [
  { key: `${SESSION}\\DHTEnabled`, rule: "dht", ...off, fix: "[BitTorrent] Session\\DHTEnabled=false" },
  { key: `${SESSION}\\PeXEnabled`, rule: "pex", ...off, fix: "[BitTorrent] Session\\PeXEnabled=false" },
  { key: `${SESSION}\\LSDEnabled`, rule: "local-discovery", ...off, fix: "[BitTorrent] Session\\LSDEnabled=false" },
  {
    key: `${SESSION}\\BTProtocol`,
    rule: "utp",
    byDefault: "Both",
    isSound: is("TCP"),
    fix: "[BitTorrent] Session\\BTProtocol=TCP",
  },
  {
    key: `${SESSION}\\AddTrackersEnabled`,
    rule: "foreign-peers",
    ...staysOff,
    fix: "[BitTorrent] Session\\AddTrackersEnabled=false",
  },
  {
    key: `${SESSION}\\QueueingSystemEnabled`,
    rule: "queue",
    byDefault: "true",
    isSound: is("false"),
    fix: "[BitTorrent] Session\\QueueingSystemEnabled=false",
  },
  {
    key: `${SESSION}\\MaxConnectionsPerTorrent`,
    rule: "few-peers",
    byDefault: "100",
    isSound: atLeastOrUnlimited(FEWEST_PEERS),
    fix: "[BitTorrent] Session\\MaxConnectionsPerTorrent=200",
  },
  {
    key: `${SESSION}\\GlobalMaxRatio`,
    rule: "stops-seeding",
    byDefault: "-1",
    isSound: isNegative,
    fix: "[BitTorrent] Session\\GlobalMaxRatio=-1",
  },
  {
    key: `${SESSION}\\GlobalMaxSeedingMinutes`,
    rule: "stops-seeding",
    byDefault: "-1",
    isSound: isNegative,
    fix: "[BitTorrent] Session\\GlobalMaxSeedingMinutes=-1",
  },
  {
    key: "Network/PortForwardingEnabled",
    rule: "port-forwarding",
    ...off,
    fix: "[Network] PortForwardingEnabled=false",
  },
  { key: "AutoRun/enabled", rule: "execute", ...staysOff, fix: "[AutoRun] enabled=false" },
  {
    key: "AutoRun/OnTorrentAdded\\Enabled",
    rule: "execute",
    ...staysOff,
    fix: "[AutoRun] OnTorrentAdded\\Enabled=false",
  },
  {
    key: "Preferences/WebUI\\Address",
    rule: "open-control",
    byDefault: "*",
    isSound: isLoopback,
    fix: "[Preferences] WebUI\\Address=127.0.0.1",
  },
  {
    key: "Preferences/WebUI\\AuthSubnetWhitelistEnabled",
    rule: "open-control",
    ...staysOff,
    fix: "[Preferences] WebUI\\AuthSubnetWhitelistEnabled=false",
  },
  {
    key: "Preferences/WebUI\\LocalHostAuth",
    rule: "control-without-secret",
    byDefault: "true",
    isSound: is("true"),
    fix: "[Preferences] WebUI\\LocalHostAuth=true",
  },
  {
    key: "Preferences/WebUI\\UseUPnP",
    rule: "port-forwarding",
    ...staysOff,
    fix: "[Preferences] WebUI\\UseUPnP=false",
  },
];

function isNegative(value: string): boolean {
  return Number(value) < 0;
}

export function lintQBittorrent(text: string): Fault[] {
  const lines = text.replace(/\n$/, "").split("\n");
  const settings = new Map<string, { line: number; value: string }>();
  let section = "";
  for (const [index, raw] of lines.entries()) {
    const written = raw.trim();
    const [, name] = /^\[(.*)\]$/.exec(written) ?? [];
    if (name !== undefined) section = name;
    const at = written.indexOf("=");
    if (name !== undefined || written.startsWith(";") || at < 0) continue;
    const value = written
      .slice(at + 1)
      .trim()
      .replace(/^"(.*)"$/, "$1");
    settings.set(placeOf(section, written.slice(0, at).trim()), { line: index + 1, value });
  }
  return keyedFaults({ settings, lineCount: lines.length }, RULES);
}

/** 5.3 moves the web interface's settings into a section of their own. */
function placeOf(section: string, key: string): string {
  return section === "WebUI" ? `Preferences/WebUI\\${key}` : `${section}/${key}`;
}
