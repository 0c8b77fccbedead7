// Announce keys as the REST API takes and tells them.
import { Type } from "typebox";
import { LONGEST_GRACE_SECONDS } from "../registry/announce-keys.ts";

/** Hosts get new torrents and configuration over hours; whoever wants the keys before to end at once says so. */
export const USUAL_GRACE_SECONDS = 86_400;

const timeOrNull = (description: string) =>
  Type.Unsafe<string | null>({ type: ["string", "null"], format: "date-time", description });

const keyFields = {
  user: Type.String({ description: "Whom announces with the key are counted for" }),
  issuedAt: Type.String({ format: "date-time", description: "When the user got a key first" }),
  rotatedAt: timeOrNull("Last rotation"),
  formerUntil: timeOrNull("Until when keys before the last rotation go on; null when none does"),
};

export const AnnounceKey = Type.Object(keyFields, {
  $id: "AnnounceKey",
  description: "The key of a user, without the key itself: the tracker keeps its SHA-256 alone",
});

export const IssuedAnnounceKey = Type.Object(
  {
    ...keyFields,
    key: Type.String({
      pattern: "^[0-9a-f]{32}$",
      description: "Told this once; hosts announce to /announce/ with it behind",
    }),
  },
  { $id: "IssuedAnnounceKey", description: "A key that was just made" },
);

export const KeyRotation = Type.Object(
  {
    graceSeconds: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: LONGEST_GRACE_SECONDS,
        description: `How long the keys before go on, a day (${USUAL_GRACE_SECONDS}) when left out; with 0 they end at once`,
      }),
    ),
  },
  { $id: "KeyRotation", additionalProperties: false },
);

export const UserParameter = Type.Object({
  user: Type.String({ description: "1 to 16 letters, digits, dots, hyphens or underscores, and no address" }),
});

/** Of calls that give a .torrent. */
export const TorrentFilter = Type.Object(
  {
    announceKey: Type.Optional(
      Type.String({
        pattern: "^[0-9a-f]{32}$",
        description: "Appended to every announce URL whose path ends in /announce, which leaves the info-hash as it is",
      }),
    ),
  },
  { additionalProperties: false },
);
