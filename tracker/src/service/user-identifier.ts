// Whom an announce is counted for: the user that its key was issued to, else its host (seed 002).
import type { AnnounceKeyLookup } from "../registry/announce-keys.ts";
import type { ClientAnnounce } from "./announce-service.ts";

/** `address` is the host's, in canonical text form. Undefined for an announce that is to be turned away. */
export type UserIdentifier = (request: ClientAnnounce, address: string) => string | undefined;

export interface UserIdentifierOptions {
  /** `ANNOUNCE_KEYS` */
  readonly mode: "off" | "optional" | "required";
  readonly keys: AnnounceKeyLookup;
  /** Hears of every announce that is turned away. */
  readonly onFault: (kind: "announce-key-missing" | "announce-key-unknown") => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export const BY_ADDRESS: UserIdentifier = (_, address) => address;

export function createUserIdentifier({ mode, keys, onFault, now }: UserIdentifierOptions): UserIdentifier {
  if (mode === "off") return BY_ADDRESS;

  function keyless(address: string): string | undefined {
    if (mode === "optional") return address;
    onFault("announce-key-missing");
    return undefined;
  }

  return ({ announceKey }, address) => {
    if (announceKey === "") return keyless(address);
    const user = keys.userOf(announceKey, now());
    if (user === undefined) onFault("announce-key-unknown");
    return user;
  };
}
