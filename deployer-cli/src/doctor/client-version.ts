// Which rtorrent is it, and what is known of how it deals with trackers?
import { type Check, type Finding, ok, warning } from "./check.ts";
import type { ClientProbe } from "./client-probe.ts";

/** Measured, or read in the sources: libtorrent 0.13.8 to 0.16 take a `min interval` of 300 to 14400 s, whatever smaller is told. */
const OLDEST_KNOWN = [0, 9, 8] as const;
const OTHER_OPTIONS_FROM = [0, 16, 0] as const;
const CLAMP = "asks by itself no sooner than after 300 s, so it needs its announce schedule";

export function clientVersion(client: ClientProbe): Check {
  return {
    name: "client: version",
    run: async () =>
      judgeVersion(await client.askText("system.client_version"), await client.askText("system.library_version")),
  };
}

export function judgeVersion(version: string, library: string): Finding {
  const seen = `rtorrent ${version} (libtorrent ${library}) ${CLAMP}`;
  if (isBefore(version, OLDEST_KNOWN)) return warning(`rtorrent ${version} was never tried`, "Install 0.9.8 or later.");
  if (isBefore(version, OTHER_OPTIONS_FROM)) return ok(seen);
  return warning(
    seen,
    "The configuration is rendered for 0.9.8; from 0.16 on some of its options need method.use_deprecated.",
  );
}

function isBefore(version: string, than: readonly number[]): boolean {
  const numbers = version.split(".").map((part) => Number.parseInt(part, 10) || 0);
  const at = than.findIndex((wanted, index) => (numbers[index] ?? 0) !== wanted);
  return at !== -1 && (numbers[at] ?? 0) < (than[at] ?? 0);
}
