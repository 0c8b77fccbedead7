// Settings whose rendered configuration is kept under golden/, and loaded by a real rtorrent in the end-to-end tests.
import type { RtorrentSettings } from "./settings.ts";

/** Every path lies under it, so that a test can put a folder of its own in its place. */
export const GOLDEN_ROOT = "/srv/rackcast";

const paths = {
  directory: `${GOLDEN_ROOT}/payloads`,
  sessionDirectory: `${GOLDEN_ROOT}/session`,
  scgiSocket: `${GOLDEN_ROOT}/rpc.sock`,
};

const EVERYTHING: RtorrentSettings = {
  directory: `${GOLDEN_ROOT}/pay loads, (all); {these} #1`,
  sessionDirectory: `${GOLDEN_ROOT}/session's own`,
  scgiSocket: `${GOLDEN_ROOT}/rpc.sock`,
  listenPort: { first: 6900, last: 6999 },
  bindAddress: "127.0.1.1",
  announceEverySeconds: 5,
  bandwidth: { accessMbps: 200, share: 0.25 },
  maxUploads: 8,
  maxPeers: 40,
  preallocate: false,
  checkHash: true,
  logFile: `${GOLDEN_ROOT}/logs/rtorrent.log`,
  umask: "0027",
};

/** By the name of the file under golden/. */
export const GOLDEN_CASES: Readonly<Record<string, RtorrentSettings>> = {
  "rtorrent-defaults.rc": { ...paths, listenPort: 6890 },
  "rtorrent-pull.rc": { ...paths, listenPort: 6890, watchDirectory: `${GOLDEN_ROOT}/watch` },
  "rtorrent-budget.rc": {
    ...paths,
    listenPort: 6890,
    bandwidth: { accessMbps: 1000, share: 0.5 },
    logFile: `${GOLDEN_ROOT}/rtorrent.log`,
  },
  "rtorrent-fastest.rc": { ...paths, listenPort: 6890, bandwidth: { accessMbps: 100_000, share: 1 } },
  "rtorrent-0.15.rc": { ...paths, version: "0.15", listenPort: 6890 },
  "rtorrent-0.16-pull.rc": { ...paths, version: "0.16", listenPort: 6890, watchDirectory: `${GOLDEN_ROOT}/watch` },
  "rtorrent-0.16.rc": { ...paths, version: "0.16", listenPort: 6890, logFile: `${GOLDEN_ROOT}/rtorrent.log` },
  "rtorrent-0.16-everything.rc": { ...EVERYTHING, version: "0.16" },
  "rtorrent-everything.rc": EVERYTHING,
};
