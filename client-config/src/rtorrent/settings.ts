// What a deployer decides about the hosts' rtorrent; everything else is fixed by the template.
import { Type, type Static } from "typebox";

import { BandwidthBudgetSchema } from "../bandwidth.ts";

/** rtorrent's parser gives quotes, backslashes and `$` a meaning of their own, also inside quotes. */
const SAFE_PATH = '^/[^\\u0000-\\u001f\\u007f"\\\\$]*$';
const SAFE_PATH_RULE = 'must be an absolute path without control characters, ", \\ and $';

const path = (description: string) => Type.String({ description, pattern: SAFE_PATH, rule: SAFE_PATH_RULE });
const port = (description: string) => Type.Integer({ description, minimum: 1, maximum: 65_535 });

/** Settings of one host's rtorrent 0.9.8. Only the paths and the port have no default. */
export const RtorrentSettingsSchema = Type.Object(
  {
    directory: path("Where payloads are stored, unless a torrent is loaded with a directory of its own."),
    sessionDirectory: path("Where rtorrent keeps its state across restarts; one per running client, not shared."),
    scgiSocket: path(
      "Unix socket that the client is driven over. TCP is not offered: who reaches it can run programs.",
    ),
    listenPort: Type.Union(
      [
        port("The one port."),
        Type.Object(
          { first: port("Lowest port tried."), last: port("Highest port tried.") },
          { additionalProperties: false },
        ),
      ],
      {
        description: "TCP port for peers, or a range of which the first free one is taken.",
        rule: "must be a port from 1 to 65535, or { first, last } of two such ports",
      },
    ),
    bindAddress: Type.Optional(
      Type.String({
        description: "IPv4 address to listen at, and from which peers and trackers are called. Default: any.",
      }),
    ),
    announceEverySeconds: Type.Integer({
      description:
        "How often an incomplete torrent asks its tracker for peers. rtorrent aborts on more than 10 requests to a tracker in 10 s.",
      minimum: 2,
      maximum: 3600,
      default: 2,
    }),
    bandwidth: Type.Optional(BandwidthBudgetSchema),
    maxUploads: Type.Integer({
      description: "Peers of one torrent that are uploaded to at a time.",
      minimum: 1,
      maximum: 1000,
      default: 50,
    }),
    maxPeers: Type.Integer({
      description: "Peers of one torrent that are connected to at a time.",
      minimum: 1,
      maximum: 1000,
      default: 200,
    }),
    preallocate: Type.Boolean({
      description:
        "Reserve a file's space when it is opened, so that a full disk shows at once and files do not fragment.",
      default: true,
    }),
    checkHash: Type.Boolean({
      description:
        "Read and hash the whole payload again once it is complete. Every piece is verified as it arrives, and rtorrent 0.9.8 never announces `completed` after such a check: leave it off.",
      default: false,
    }),
    logFile: Type.Optional(path("File for rtorrent's own log. Default: none.")),
    umask: Type.String({
      description:
        "Permissions taken from every file and socket created, in octal. The socket obeys whoever may write to it.",
      pattern: "^0[0-7][0-7][2367]$",
      rule: 'must be four octal digits, the last of which takes writing from others (2, 3, 6 or 7), such as "0022"',
      default: "0022",
    }),
  },
  { additionalProperties: false },
);

type Checked = Static<typeof RtorrentSettingsSchema>;
type Defaulted = "announceEverySeconds" | "maxUploads" | "maxPeers" | "preallocate" | "checkHash" | "umask";

/** As given: what has a default may be left out. */
export type RtorrentSettings = Omit<Checked, Defaulted> & Partial<Pick<Checked, Defaulted>>;

/** As rendered: checked, with every default filled in. */
export type CompleteRtorrentSettings = Checked;
