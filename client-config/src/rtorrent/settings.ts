// What a deployer decides about the hosts' rtorrent; everything else is fixed by the template.
import { Type, type Static } from "typebox";

import { barePath } from "../bare-path.ts";
import {
  flag,
  isAnyOrIPv4,
  LISTEN_PORT_RULE,
  PEER_SETTINGS,
  PortOrRangeSchema,
  startsBeforeItEnds,
  umask,
} from "../shared-settings.ts";
import type { CheckRelation, SettingsKind } from "../validation.ts";
import { DEFAULT_RTORRENT_VERSION, RTORRENT_VERSIONS } from "./versions.ts";

/** rtorrent's parser gives quotes, backslashes and `$` a meaning of their own, also inside quotes. */
const SAFE_PATH = '^/[^\\u0000-\\u001f\\u007f"\\\\$]*$';
const SAFE_PATH_RULE = 'must be an absolute path without control characters, ", \\ and $';

/** What a Unix socket's address has room for (`sun_path` of unix(7), less its closing zero). */
const LONGEST_SOCKET_PATH_BYTES = 107;

const path = (description: string) => Type.String({ description, pattern: SAFE_PATH, rule: SAFE_PATH_RULE });

/** Settings of one host's rtorrent. Only the paths and the port have no default. */
export const RtorrentSettingsSchema = Type.Object(
  {
    version: Type.Enum(RTORRENT_VERSIONS, {
      description: `Which rtorrent reads it, ${RTORRENT_VERSIONS.join(", ")}: commands were renamed and removed between them.`,
      rule: `must be ${RTORRENT_VERSIONS.join(", ")}`,
      default: DEFAULT_RTORRENT_VERSION,
    }),
    directory: path("Where payloads are stored, unless a torrent is loaded with a directory of its own."),
    sessionDirectory: path("Where rtorrent keeps its state across restarts; one per running client, not shared."),
    scgiSocket: path(
      "Unix socket that the client is driven over. TCP is not offered: who reaches it can run programs.",
    ),
    listenPort: PortOrRangeSchema,
    bindAddress: PEER_SETTINGS.bindAddress,
    announceEverySeconds: Type.Integer({
      description:
        "How often an incomplete torrent asks its tracker for peers. rtorrent aborts on more than 10 requests to a tracker in 10 s.",
      minimum: 2,
      maximum: 3600,
      default: 2,
    }),
    bandwidth: PEER_SETTINGS.bandwidth,
    maxUploads: PEER_SETTINGS.maxUploads,
    maxPeers: PEER_SETTINGS.maxPeers,
    preallocate: PEER_SETTINGS.preallocate,
    checkHash: flag(
      "Read and hash the whole payload again once it is complete. Every piece is verified as it arrives, and rtorrent 0.9.8 never announces `completed` after such a check: leave it off.",
      false,
    ),
    watchDirectory: Type.Optional(
      barePath(
        "For hosts that pull: a .torrent in it is loaded and started, and forgotten when it is taken away. Default: none.",
      ),
    ),
    logFile: Type.Optional(path("File for rtorrent's own log. Default: none.")),
    umask: umask(
      "Permissions taken from every file and socket created, in octal. The socket obeys whoever may write to it.",
    ),
  },
  { additionalProperties: false },
);

type Checked = Static<typeof RtorrentSettingsSchema>;
type Defaulted = "version" | "announceEverySeconds" | "maxUploads" | "maxPeers" | "preallocate" | "checkHash" | "umask";

/** As given: what has a default may be left out. */
export type RtorrentSettings = Omit<Checked, Defaulted> & Partial<Pick<Checked, Defaulted>>;

export const RTORRENT_SETTINGS: SettingsKind<typeof RtorrentSettingsSchema> = {
  subject: "rtorrent",
  schema: RtorrentSettingsSchema,
  relate,
};

function relate(settings: Checked, check: CheckRelation): void {
  const { scgiSocket, listenPort, directory, sessionDirectory } = settings;
  const socketBytes = Buffer.byteLength(scgiSocket);
  check("sessionDirectory", sessionDirectory !== directory, "must not be the directory of the payloads");
  check(
    "scgiSocket",
    socketBytes <= LONGEST_SOCKET_PATH_BYTES,
    `must be at most ${LONGEST_SOCKET_PATH_BYTES} bytes long, it has ${socketBytes}`,
  );
  check("listenPort", startsBeforeItEnds(listenPort), LISTEN_PORT_RULE);
  check(
    "bindAddress",
    isAnyOrIPv4(settings.bindAddress),
    "must be an IPv4 address: rtorrent 0.9.8 refuses to start with an IPv6 one",
  );
}
