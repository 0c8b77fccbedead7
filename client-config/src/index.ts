// What the package offers: typed settings in, the text of a client's configuration out; and what is wrong with one.
export { ConfigError, CONFIG_ERRORS, type ConfigErrorCode, type ConfigFault } from "./errors.ts";
export { bandwidthLimitKiBps, type BandwidthBudget } from "./bandwidth.ts";
export { renderRtorrent } from "./rtorrent/rendering.ts";
export { RtorrentSettingsSchema, type RtorrentSettings } from "./rtorrent/settings.ts";
export { renderTransmission } from "./transmission/rendering.ts";
export { TransmissionSettingsSchema, type TransmissionSettings } from "./transmission/settings.ts";
export { renderAria2 } from "./aria2/rendering.ts";
export { Aria2SettingsSchema, type Aria2Settings } from "./aria2/settings.ts";
export { renderQBittorrent } from "./qbittorrent/rendering.ts";
export { QBittorrentSettingsSchema, type QBittorrentSettings } from "./qbittorrent/settings.ts";
export { renderSystemd } from "./systemd/rendering.ts";
export { SystemdSettingsSchema, type SystemdSettings } from "./systemd/settings.ts";
export { RTORRENT_VERSIONS, type RtorrentVersion } from "./rtorrent/versions.ts";
export { lintConfig, type LintOptions } from "./lint/lint.ts";
export { guessClient, LINT_CLIENTS, type LintClient } from "./lint/client-guess.ts";
export type { Finding } from "./lint/finding.ts";
export { LINT_RULES, type LintRule, type LintRuleId, type Severity } from "./lint/rules.ts";
