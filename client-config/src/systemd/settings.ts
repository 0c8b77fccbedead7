// What a deployer decides about the service that runs a host's client; everything else is fixed by the template.
import { type Static, Type } from "typebox";

import type { SettingsKind } from "../validation.ts";
import { SERVICE_CLIENTS } from "./client-services.ts";

/** systemd splits at spaces, and a user or path of a unit never needs one. */
const UNIT_PATH = "^/[^\\s\"\\\\$%:;']*$";

const unitPath = (description: string) =>
  Type.String({
    description,
    pattern: UNIT_PATH,
    rule: "must be an absolute path without spaces and \", ', \\, $, %, : and ;",
  });

const account = (description: string) =>
  Type.String({
    description,
    pattern: "^[a-z_][a-z0-9_-]{0,31}$",
    rule: "must be the name of an account, such as rackcast",
    default: "rackcast",
  });

/** Settings of the systemd unit of one host's client. */
export const SystemdSettingsSchema = Type.Object(
  {
    client: Type.Enum(SERVICE_CLIENTS, {
      description: `The client that is run: ${SERVICE_CLIENTS.join(", ")}.`,
      rule: `must be ${SERVICE_CLIENTS.join(", ")}`,
    }),
    configFile: unitPath(
      "The rendered configuration, where the client reads it: for transmission .../settings.json, for qbittorrent .../qBittorrent/config/qBittorrent.conf.",
    ),
    directory: unitPath("Where payloads are stored."),
    stateDirectory: unitPath(
      "Where the client keeps its state: rtorrent's session and socket, aria2's session file. Transmission and qBittorrent write beside their configuration.",
    ),
    logDirectory: Type.Optional(unitPath("Where the client logs, if it is told to log to a file.")),
    executable: Type.Optional(unitPath("The client's program. Default: in /usr/bin.")),
    user: account("The user it runs as; payloads are that user's."),
    group: account("The group it runs as."),
    openFiles: Type.Integer({
      description: "Files and sockets that the client may have open.",
      minimum: 1024,
      maximum: 1_048_576,
      default: 65_536,
    }),
  },
  { additionalProperties: false },
);

type Checked = Static<typeof SystemdSettingsSchema>;
type Defaulted = "user" | "group" | "openFiles";

/** As given: what has a default may be left out. */
export type SystemdSettings = Omit<Checked, Defaulted> & Partial<Pick<Checked, Defaulted>>;

/** As rendered: checked, with every default filled in. */
export type CompleteSystemdSettings = Checked;

export const SYSTEMD_SETTINGS: SettingsKind<typeof SystemdSettingsSchema> = {
  subject: "The unit",
  schema: SystemdSettingsSchema,
  relate({ client, configFile, user }, check) {
    const isTransmission = client === "transmission";
    const isQBittorrent = client === "qbittorrent";
    check("configFile", !isTransmission || configFile.endsWith("/settings.json"), "must be called settings.json");
    check(
      "configFile",
      !isQBittorrent || configFile.endsWith("/qBittorrent/config/qBittorrent.conf"),
      "must end in /qBittorrent/config/qBittorrent.conf",
    );
    check("user", user !== "root", "must not be root: a client needs no rights but to its own folders");
  },
};
