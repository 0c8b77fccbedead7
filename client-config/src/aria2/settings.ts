// What a deployer decides about the hosts' aria2; everything else is fixed by the template.
import { type Static, Type } from "typebox";

import {
  flag,
  isAnyOrIPv4,
  LISTEN_PORT_RULE,
  PEER_SETTINGS,
  plainPath,
  port,
  PortOrRangeSchema,
  portRangeOf,
  startsBeforeItEnds,
} from "../shared-settings.ts";
import type { SettingsKind } from "../validation.ts";

/** Settings of one host's aria2, 1.36 or later. */
export const Aria2SettingsSchema = Type.Object(
  {
    directory: plainPath("Where payloads are stored, unless a download is added with a directory of its own."),
    sessionFile: Type.Optional(
      plainPath(
        "Where an aria2 with rpcPort keeps its list of downloads across restarts. It has to be there at the start, be it empty. Default: nowhere.",
      ),
    ),
    listenPort: PortOrRangeSchema,
    bindAddress: PEER_SETTINGS.bindAddress,
    announceEverySeconds: Type.Integer({
      description: "How often every torrent asks its tracker for peers, complete ones too.",
      minimum: 1,
      maximum: 3600,
      default: 5,
    }),
    bandwidth: PEER_SETTINGS.bandwidth,
    maxPeers: Type.Integer({
      description: "Peers of one torrent that are connected to at a time; 0 is no limit.",
      minimum: 0,
      maximum: 1000,
      default: 0,
    }),
    maxDownloads: Type.Integer({
      description: "Torrents that are downloaded at a time; the others wait.",
      minimum: 1,
      maximum: 10_000,
      default: 100,
    }),
    preallocate: PEER_SETTINGS.preallocate,
    checkHash: flag(
      "Read and hash what is there already when a torrent is added, so that a host that has the payload seeds it.",
      true,
    ),
    logFile: Type.Optional(plainPath("File for warnings. Default: none.")),
    rpcPort: Type.Optional(
      port(
        "Port on 127.0.0.1 to add torrents by; rpcSecret guards it. Default: none, and aria2 has the torrents it is started with.",
      ),
    ),
    rpcSecret: Type.Optional(
      Type.String({
        description:
          "What callers of rpcPort have to know: without it anybody on the host writes files as aria2's user.",
        pattern: "^[!-~]{16,}$",
        rule: "must be at least 16 printable characters without spaces",
      }),
    ),
  },
  { additionalProperties: false },
);

type Checked = Static<typeof Aria2SettingsSchema>;
type Defaulted = "announceEverySeconds" | "maxPeers" | "maxDownloads" | "preallocate" | "checkHash";

/** As given: what has a default may be left out. */
export type Aria2Settings = Omit<Checked, Defaulted> & Partial<Pick<Checked, Defaulted>>;

export const ARIA2_SETTINGS: SettingsKind<typeof Aria2SettingsSchema> = {
  subject: "aria2",
  schema: Aria2SettingsSchema,
  relate({ bindAddress, listenPort, rpcPort, rpcSecret, sessionFile }, check) {
    const { first, last } = portRangeOf(listenPort);
    check("listenPort", startsBeforeItEnds(listenPort), LISTEN_PORT_RULE);
    check("bindAddress", isAnyOrIPv4(bindAddress), "must be an IPv4 address");
    check("rpcPort", rpcPort === undefined || rpcPort < first || rpcPort > last, "must not be a port for peers");
    check(
      "sessionFile",
      rpcPort !== undefined || sessionFile === undefined,
      "needs rpcPort: an aria2 that reads a session takes no torrent from its command line",
    );
    check("rpcSecret", rpcPort === undefined || rpcSecret !== undefined, "must be given with rpcPort");
    check("rpcPort", rpcPort !== undefined || rpcSecret === undefined, "must be given with rpcSecret");
  },
};
