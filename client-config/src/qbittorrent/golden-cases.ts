// Settings whose rendered qBittorrent.conf is kept under golden/.
import type { QBittorrentSettings } from "./settings.ts";

/** By the name of the file under golden/. */
export const QBITTORRENT_GOLDEN_CASES: Readonly<Record<string, QBittorrentSettings>> = {
  "qbittorrent-defaults.conf": { directory: "/srv/rackcast/payloads", listenPort: 6890, webPort: 8080 },
  "qbittorrent-everything.conf": {
    directory: "/srv/rackcast/pay loads, (all); {these} #1",
    listenPort: 6890,
    bindAddress: "127.0.1.1",
    bandwidth: { accessMbps: 200, share: 0.25 },
    maxUploads: 8,
    maxPeers: 40,
    preallocate: false,
    webPort: 8081,
  },
};
