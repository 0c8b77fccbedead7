// Names of releases: what may be a folder on the hosts, and which series a release belongs to.
import { CommandError } from "../errors.ts";

const SAFE = /^[A-Za-z0-9_@+][A-Za-z0-9._@+-]*$/;
const LONGEST = 200;
const VERSION = /[-_.@]v?\d/;

/** Shells, inventories and unit files on the hosts handle the name. Throws `USAGE`. */
export function checkReleaseName(name: string): string {
  if (SAFE.test(name) && name.length <= LONGEST) return name;
  const rule = `letters, digits and ._+@-, no dot or dash in front, at most ${LONGEST}`;
  throw new CommandError("USAGE", `${JSON.stringify(name)} cannot name a release; give --name with ${rule}.`);
}

/** What stands before the version: `web` of `web-1.2.3` and `web_v2`; the whole name where there is none. */
export function seriesOf(name: string): string {
  const at = name.search(VERSION);
  return at > 0 ? name.slice(0, at) : name;
}
