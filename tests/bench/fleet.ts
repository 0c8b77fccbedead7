// The hosts that announce to the trackers under load: 2,000 of them on loopback, 250 in a rack.

export const HOSTS = 2000;
const RACKS = 8;
const HOSTS_PER_RACK = HOSTS / RACKS;

/** Every host announces from an address of its own. */
export function hostOf(index: number): string {
  return `127.1.${Math.floor(index / HOSTS_PER_RACK) % RACKS}.${(index % HOSTS_PER_RACK) + 1}`;
}

/** A file for `--topology-file`. */
export function racksFile(): string {
  return Array.from({ length: RACKS }, (_, rack) => `127.1.${rack}.0/24 rack${rack}\n`).join("");
}
