// Whom an announce is counted for: the user that its key was issued to, else its host (seed 002).
import type { AnnounceKeyLookup } from "../registry/announce-keys.ts";
import type { ClientAnnounce } from "./announce-service.ts";

/** The name of a user, `""` for the host that announces; undefined for an announce that is to be turned away. */
export type UserIdentifier = (request: ClientAnnounce) => string | undefined;

export interface UserIdentifierOptions {
  /** `ANNOUNCE_KEYS` */
  readonly mode: "off" | "optional" | "required";
  readonly keys: AnnounceKeyLookup;
  /** Hears of every announce that is turned away. */
  readonly onFault: (kind: "announce-key-missing" | "announce-key-unknown") => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const HOST = "";

export const BY_HOST: UserIdentifier = () => HOST;

export function createUserIdentifier({ mode, keys, onFault, now }: UserIdentifierOptions): UserIdentifier {
  if (mode === "off") return BY_HOST;

  function keyless(): string | undefined {
    if (mode === "optional") return HOST;
    onFault("announce-key-missing");
    return undefined;
  }

  return ({ announceKey }) => {
    if (announceKey === "") return keyless();
    const user = keys.userOf(announceKey, now());
    if (user === undefined) onFault("announce-key-unknown");
    return user;
  };
}
