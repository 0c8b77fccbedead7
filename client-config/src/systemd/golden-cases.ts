// Settings whose rendered unit is kept under golden/.
import type { SystemdSettings } from "./settings.ts";

const paths = { directory: "/srv/rackcast/payloads", stateDirectory: "/srv/rackcast/state" };

/** By the name of the file under golden/. */
export const SYSTEMD_GOLDEN_CASES: Readonly<Record<string, SystemdSettings>> = {
  "rtorrent.service": { ...paths, client: "rtorrent", configFile: "/etc/rackcast/rtorrent.rc" },
  "transmission.service": { ...paths, client: "transmission", configFile: "/srv/rackcast/transmission/settings.json" },
  "aria2.service": { ...paths, client: "aria2", configFile: "/etc/rackcast/aria2.conf" },
  "qbittorrent.service": {
    client: "qbittorrent",
    directory: "/home/seed/payloads",
    stateDirectory: "/home/seed/profile",
    configFile: "/home/seed/profile/qBittorrent/config/qBittorrent.conf",
    logDirectory: "/var/log/qbittorrent",
    executable: "/opt/qbittorrent/bin/qbittorrent-nox",
    user: "seed",
    group: "seed",
    openFiles: 8192,
  },
};
