// What a deployer decides about hosts that pull; the defaults are where every driver keeps things.
import { Type, type Static } from "typebox";

import { barePath } from "../bare-path.ts";

const URL_PATTERN =
  "^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)*$|^https?://\\[[0-9a-f:]+\\](:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)*$";
const HOME = "/var/lib/rackcast";

export const PullSettingsSchema = Type.Object(
  {
    trackers: Type.Array(
      Type.String({
        pattern: URL_PATTERN,
        rule: "must be URLs such as http://tracker:6969, without a slash at the end",
      }),
      {
        description: "Trackers of one registry, asked in turn until one answers.",
        minItems: 1,
        rule: "must be one or more URLs such as http://tracker:6969, without a slash at the end",
      },
    ),
    releasesDirectory: barePath("Where payloads are: rtorrent's `directory`.", { default: `${HOME}/releases` }),
    currentDirectory: barePath("Where a link for each series leads to its current release.", {
      default: `${HOME}/current`,
    }),
    watchDirectory: barePath("rtorrent's `watchDirectory`.", { default: `${HOME}/watch` }),
    sessionDirectory: barePath("rtorrent's `sessionDirectory`.", { default: `${HOME}/session` }),
    stateDirectory: barePath("Where the script remembers what it installed.", { default: `${HOME}/pull` }),
    trustKey: Type.Optional(
      Type.String({ description: "PEM of the Ed25519 key by which releases must be signed. Default: none need be." }),
    ),
    tokenFile: Type.Optional(
      barePath("File with the tracker's API token; a host that asks for itself needs none. Default: none."),
    ),
    bindAddress: Type.Optional(
      Type.String({
        description:
          "Address to call the tracker from, where a host has several: rtorrent's `bindAddress`. Default: any.",
      }),
    ),
    everySeconds: Type.Integer({
      description: "How often the tracker is asked.",
      minimum: 5,
      maximum: 86_400,
      default: 15,
    }),
    scriptFile: barePath("Where the script is installed; the units start it there.", {
      default: "/usr/local/bin/rackcast-pull",
    }),
    user: Type.String({
      description: "Whom the units run it as: rtorrent's user.",
      pattern: "^[a-z_][a-z0-9_-]{0,30}$",
      rule: "must be the name of a user",
      default: "rackcast",
    }),
  },
  { additionalProperties: false },
);

type Checked = Static<typeof PullSettingsSchema>;

/** As given: only the trackers have no default. */
export type PullSettings = { readonly trackers: readonly string[] } & Partial<Omit<Checked, "trackers">>;

/** As rendered: checked, with every default filled in. */
export type CompletePullSettings = Checked;
