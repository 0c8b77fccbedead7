// Settings whose rendered aria2.conf is kept under golden/.
import type { Aria2Settings } from "./settings.ts";

/** By the name of the file under golden/. */
export const ARIA2_GOLDEN_CASES: Readonly<Record<string, Aria2Settings>> = {
  "aria2-defaults.conf": { directory: "/srv/rackcast/payloads", listenPort: 6890 },
  "aria2-everything.conf": {
    directory: "/srv/rackcast/pay loads, (all); {these} #1",
    sessionFile: "/srv/rackcast/aria2's session",
    listenPort: { first: 6900, last: 6999 },
    bindAddress: "127.0.1.1",
    announceEverySeconds: 2,
    bandwidth: { accessMbps: 200, share: 0.25 },
    maxPeers: 40,
    maxDownloads: 12,
    preallocate: false,
    checkHash: false,
    logFile: "/srv/rackcast/aria2.log",
    rpcPort: 6800,
    rpcSecret: "a-secret-for-the-golden-file",
  },
};
