// What `rackcast config render` can render: each with its settings, the package's function for it, and how to use the file.
import {
  Aria2SettingsSchema,
  QBittorrentSettingsSchema,
  renderAria2,
  renderQBittorrent,
  renderRtorrent,
  renderSystemd,
  renderTransmission,
  RtorrentSettingsSchema,
  SystemdSettingsSchema,
  TransmissionSettingsSchema,
} from "@rackcast/client-config";
import { ARIA2_NOTES, QBITTORRENT_NOTES, RTORRENT_NOTES, SYSTEMD_NOTES, TRANSMISSION_NOTES } from "./config-notes.ts";
import { type Setting, settingsOf } from "./settings-options.ts";

export interface RenderTarget {
  readonly name: string;
  readonly description: string;
  readonly settings: readonly Setting[];
  /** Checks every setting, and names all that are wrong: throws ConfigError. */
  render(settings: object): string;
  /** What to do with the file that was written. */
  nextStep(file: string): string;
  /** The setting that is nobody's business: a file that has it is its owner's alone. */
  readonly secret?: string;
  /** Told below the options. */
  readonly notes: string;
}

export const RENDER_TARGETS: readonly RenderTarget[] = [
  {
    name: "rtorrent",
    description: "the configuration of one host's rtorrent, for: rtorrent -n -o import=FILE",
    settings: settingsOf(RtorrentSettingsSchema),
    render: (settings) => renderRtorrent(settings as Parameters<typeof renderRtorrent>[0]),
    nextStep: (file) => `Start the client with: rtorrent -n -o import=${file}`,
    notes: RTORRENT_NOTES,
  },
  {
    name: "transmission",
    description: "one host's settings.json, for: transmission-daemon --config-dir FOLDER",
    settings: settingsOf(TransmissionSettingsSchema),
    render: (settings) => renderTransmission(settings as Parameters<typeof renderTransmission>[0]),
    nextStep: () => "Start the client with: transmission-daemon --foreground --config-dir THE_FOLDER_IT_IS_IN",
    notes: TRANSMISSION_NOTES,
  },
  {
    name: "aria2",
    description: "the configuration of one host's aria2, for: aria2c --conf-path=FILE",
    settings: settingsOf(Aria2SettingsSchema),
    render: (settings) => renderAria2(settings as Parameters<typeof renderAria2>[0]),
    nextStep: (file) => `Start the client with: aria2c --conf-path=${file}`,
    secret: "rpcSecret",
    notes: ARIA2_NOTES,
  },
  {
    name: "qbittorrent",
    description: "one host's qBittorrent.conf, for: qbittorrent-nox --profile=PROFILE",
    settings: settingsOf(QBittorrentSettingsSchema),
    render: (settings) => renderQBittorrent(settings as Parameters<typeof renderQBittorrent>[0]),
    nextStep: () => "As PROFILE/qBittorrent/config/qBittorrent.conf it is read by: qbittorrent-nox --profile=PROFILE",
    notes: QBITTORRENT_NOTES,
  },
  {
    name: "systemd",
    description: "a hardened systemd unit that runs one of the clients",
    settings: settingsOf(SystemdSettingsSchema),
    render: (settings) => renderSystemd(settings as Parameters<typeof renderSystemd>[0]),
    nextStep: (file) =>
      `In /etc/systemd/system, start it with: systemctl daemon-reload && systemctl enable --now ${file}`,
    notes: SYSTEMD_NOTES,
  },
];
