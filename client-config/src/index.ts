// What the package offers: typed settings in, the text of a client's configuration out.
export { ConfigError, CONFIG_ERRORS, type ConfigErrorCode, type ConfigFault } from "./errors.ts";
export { bandwidthLimitKiBps, type BandwidthBudget } from "./bandwidth.ts";
export { renderRtorrent } from "./rtorrent/rendering.ts";
export { RtorrentSettingsSchema, type RtorrentSettings } from "./rtorrent/settings.ts";
