// The rtorrents that can be configured, and what differs between them in what is rendered.

/** `0.16` is every 0.16.x, from 0.16.0 to those that renamed the port's commands (0.16.18). */
export const RTORRENT_VERSIONS = ["0.9.8", "0.15", "0.16"] as const;

export type RtorrentVersion = (typeof RTORRENT_VERSIONS)[number];

export const DEFAULT_RTORRENT_VERSION: RtorrentVersion = "0.9.8";

export interface RtorrentDialect {
  /** The command for what recurs: `schedule2` went with 0.16.14, and in 0.9.8 `schedule` is an alias. */
  readonly schedule: "schedule" | "schedule2";
  /** Whether the port's commands are called `network.listen.port.*` in some of these versions, and `network.port_*` in others. */
  readonly hasTwoPortNames: boolean;
  /** Whether limits of open files are set here; otherwise the client derives them from the limit of its process. */
  readonly setsFileLimits: boolean;
  /** Whether UDP trackers can be switched off. */
  readonly canRefuseUdp: boolean;
}

export const RTORRENT_DIALECTS: Readonly<Record<RtorrentVersion, RtorrentDialect>> = {
  "0.9.8": { schedule: "schedule2", hasTwoPortNames: false, setsFileLimits: true, canRefuseUdp: true },
  "0.15": { schedule: "schedule2", hasTwoPortNames: false, setsFileLimits: true, canRefuseUdp: true },
  "0.16": { schedule: "schedule", hasTwoPortNames: true, setsFileLimits: false, canRefuseUdp: false },
};
