// What a deployer decides about the hosts' qBittorrent; everything else is fixed by the template.
import { type Static, Type } from "typebox";

import { isAnyOrIPv4, PEER_SETTINGS, plainPath, port } from "../shared-settings.ts";
import type { SettingsKind } from "../validation.ts";

/** Settings of one host's qbittorrent-nox, 4.5 to 5.x: the same keys serve all. */
export const QBittorrentSettingsSchema = Type.Object(
  {
    directory: plainPath("Where payloads are stored, unless a torrent is added with a directory of its own."),
    listenPort: port("TCP port for peers."),
    ...PEER_SETTINGS,
    webPort: port(
      "Port of the web interface on 127.0.0.1, which qbittorrent-nox always opens. Callers have to log in, callers on the host too.",
    ),
  },
  { additionalProperties: false },
);

type Checked = Static<typeof QBittorrentSettingsSchema>;
type Defaulted = "maxUploads" | "maxPeers" | "preallocate";

/** As given: what has a default may be left out. */
export type QBittorrentSettings = Omit<Checked, Defaulted> & Partial<Pick<Checked, Defaulted>>;

export const QBITTORRENT_SETTINGS: SettingsKind<typeof QBittorrentSettingsSchema> = {
  subject: "qBittorrent",
  schema: QBittorrentSettingsSchema,
  relate({ bindAddress, listenPort, webPort }, check) {
    check("bindAddress", isAnyOrIPv4(bindAddress), "must be an IPv4 address");
    check("webPort", webPort !== listenPort, "must not be the port for peers");
  },
};
