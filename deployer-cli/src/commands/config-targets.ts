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

const RTORRENT_NOTES = `
Example:
  rackcast config render rtorrent --directory /srv/payloads --session-directory /var/lib/rtorrent \\
    --scgi-socket /run/rtorrent/rpc.sock --listen-port 6890 -o rtorrent.rc
  rtorrent -n -o import=rtorrent.rc

The directories have to be there. rtorrent --help's first line tells its version.`;

const TRANSMISSION_NOTES = `
For Transmission 3.00 and 4.x. Example:
  mkdir -p /var/lib/transmission
  rackcast config render transmission --directory /srv/payloads --listen-port 6890 --rpc-port 9091 \\
    -o /var/lib/transmission/settings.json
  transmission-daemon --foreground --config-dir /var/lib/transmission
  transmission-remote 127.0.0.1:9091 --add web-1.2.3.torrent

Write it while Transmission is stopped: it writes its settings back when it ends. How often it announces is the tracker's
to say, and never more often than every 5 minutes.`;

const ARIA2_NOTES = `
For aria2 1.36 and later. Example, for one release:
  rackcast config render aria2 --directory /srv/payloads --listen-port 6890 -o aria2.conf
  aria2c --conf-path=aria2.conf web-1.2.3.torrent

As a service that torrents are added to later:
  touch /var/lib/aria2/aria2.session
  rackcast config render aria2 --directory /srv/payloads --listen-port 6890 --rpc-port 6800 \\
    --rpc-secret "$(openssl rand -hex 16)" --session-file /var/lib/aria2/aria2.session -o aria2.conf
  aria2c --conf-path=aria2.conf

With rpcSecret the file is written for its owner alone.`;

const QBITTORRENT_NOTES = `
For qbittorrent-nox 4.5 to 5.x. Example:
  mkdir -p /var/lib/qbittorrent/qBittorrent/config
  rackcast config render qbittorrent --directory /srv/payloads --listen-port 6890 --web-port 8080 \\
    -o /var/lib/qbittorrent/qBittorrent/config/qBittorrent.conf
  qbittorrent-nox --profile=/var/lib/qbittorrent web-1.2.3.torrent

Write it while qBittorrent is stopped: it writes its settings back when it ends. It has no setting for how often it announces
(libtorrent's min_announce_interval): after an answer it asks again in 5 minutes at the soonest. Change the web interface's
password before others can log in to the host; before 4.6.1 it is adminadmin.`;

const SYSTEMD_NOTES = `
Example:
  rackcast config render systemd --client rtorrent --config-file /etc/rackcast/rtorrent.rc \\
    --directory /srv/payloads --state-directory /var/lib/rtorrent -o /etc/systemd/system/rackcast-rtorrent.service
  systemctl daemon-reload && systemctl enable --now rackcast-rtorrent

The account and the directories have to be there, and be the account's. Put rtorrent's session and socket, or aria2's session
file (called aria2.session), into the state directory; aria2 needs an rpcPort, or it ends at once.`;

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
