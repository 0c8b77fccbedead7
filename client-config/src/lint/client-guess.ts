// Which client a configuration is for: by its name, else by what it says.
import { basename } from "node:path";

export const LINT_CLIENTS = ["rtorrent", "transmission", "aria2", "qbittorrent"] as const;

export type LintClient = (typeof LINT_CLIENTS)[number];

const NAMES: readonly (readonly [RegExp, LintClient])[] = [
  [/rtorrent|\.rc$/i, "rtorrent"],
  [/transmission|^settings\.json$/i, "transmission"],
  [/aria2/i, "aria2"],
  [/qbittorrent/i, "qbittorrent"],
];

const CONTENTS: readonly (readonly [RegExp, LintClient])[] = [
  [/^\s*\{/, "transmission"],
  [/^\[(LegalNotice|BitTorrent|Preferences)\]\s*$/m, "qbittorrent"],
  [/^\s*[a-z]+(-[a-z0-9]+)+\s*=/m, "aria2"],
  [/^\s*[a-z_]+(\.[a-z0-9_]+)*\s*=/m, "rtorrent"],
];

/** Undefined where neither tells. */
export function guessClient(file: string, text: string): LintClient | undefined {
  const name = basename(file);
  const byName = NAMES.find(([pattern]) => pattern.test(name))?.[1];
  return byName ?? CONTENTS.find(([pattern]) => pattern.test(text))?.[1];
}
