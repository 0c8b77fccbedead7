// What other programs of the project use to run and drive rtorrent.
export {
  createRtorrentControl,
  type LoadOptions,
  type NetworkLimit,
  type RtorrentControl,
} from "./rtorrent-control.ts";
export type { RtorrentDownload, RtorrentPeer } from "./rtorrent-listing.ts";
export {
  type ConfiguredRtorrentStart,
  type RtorrentProcess,
  type RtorrentStart,
  startConfiguredRtorrent,
  startRtorrent,
} from "./rtorrent-process.ts";
export type { ChildExit } from "./supervised-child.ts";
