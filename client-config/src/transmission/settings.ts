// What a deployer decides about the hosts' Transmission; everything else is fixed by the template.
import { type Static, Type } from "typebox";

import { isAnyOrIPv4, PEER_SETTINGS, plainPath, port, umask } from "../shared-settings.ts";
import type { SettingsKind } from "../validation.ts";

/** Settings of one host's Transmission, 3.00 or 4.x: the same keys serve both. */
export const TransmissionSettingsSchema = Type.Object(
  {
    directory: plainPath("Where payloads are stored, unless a torrent is added with a directory of its own."),
    listenPort: port("TCP port for peers."),
    ...PEER_SETTINGS,
    rpcPort: Type.Optional(
      port(
        "Port on 127.0.0.1 to add torrents by. Whoever is on the host can then have it write files and run programs as its user. Default: none.",
      ),
    ),
    watchDirectory: Type.Optional(plainPath("Folder whose .torrent files are added, as they appear. Default: none.")),
    umask: umask("Permissions taken from every file created, in octal."),
  },
  { additionalProperties: false },
);

type Checked = Static<typeof TransmissionSettingsSchema>;
type Defaulted = "maxUploads" | "maxPeers" | "preallocate" | "umask";

/** As given: what has a default may be left out. */
export type TransmissionSettings = Omit<Checked, Defaulted> & Partial<Pick<Checked, Defaulted>>;

export const TRANSMISSION_SETTINGS: SettingsKind<typeof TransmissionSettingsSchema> = {
  subject: "Transmission",
  schema: TransmissionSettingsSchema,
  relate({ bindAddress, directory, watchDirectory, listenPort, rpcPort }, check) {
    check("bindAddress", isAnyOrIPv4(bindAddress), "must be an IPv4 address");
    check("rpcPort", rpcPort !== listenPort, "must not be the port for peers");
    check("watchDirectory", watchDirectory !== directory, "must not be the directory of the payloads");
  },
};
