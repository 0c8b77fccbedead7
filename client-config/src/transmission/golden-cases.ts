// Settings whose rendered settings.json is kept under golden/.
import type { TransmissionSettings } from "./settings.ts";

/** By the name of the file under golden/. */
export const TRANSMISSION_GOLDEN_CASES: Readonly<Record<string, TransmissionSettings>> = {
  "transmission-defaults.json": { directory: "/srv/rackcast/payloads", listenPort: 6890 },
  "transmission-everything.json": {
    directory: "/srv/rackcast/pay loads, (all); {these} #1",
    listenPort: 6890,
    bindAddress: "127.0.1.1",
    bandwidth: { accessMbps: 200, share: 0.25 },
    maxUploads: 8,
    maxPeers: 40,
    preallocate: false,
    rpcPort: 9091,
    watchDirectory: "/srv/rackcast/torrents",
    umask: "0027",
  },
};
