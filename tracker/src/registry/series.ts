// Releases: transfers whose names are safe as file names, in series of one name without its version.
import type { Transfer } from "./transfer-registry.ts";

const SAFE_NAME = /^[A-Za-z0-9_@+][A-Za-z0-9._@+-]*$/;
const VERSION = /[-_.@]v?\d/;

/** Whether hosts can have it as a folder or file of that name; no shell, path or option is hurt by it. */
export function isReleaseName(name: string): boolean {
  return SAFE_NAME.test(name);
}

/** The name without its version: `web` of `web-1.2.3`, of `web_v2` and of `web` itself. */
export function seriesOf(name: string): string {
  const at = name.search(VERSION);
  return at > 0 ? name.slice(0, at) : name;
}

type Activated = Pick<Transfer, "name" | "activatedAt">;

/** The release of each series that was activated last; of one instant, the one that comes later. */
export function currentReleases<Active extends Activated>(transfers: readonly Active[]): ReadonlySet<Active> {
  const current = new Map<string, Active>();
  for (const transfer of transfers) {
    const series = seriesOf(transfer.name);
    const other = current.get(series);
    if (isReleaseName(transfer.name) && (transfer.activatedAt ?? 0) >= (other?.activatedAt ?? 0))
      current.set(series, transfer);
  }
  return new Set(current.values());
}
