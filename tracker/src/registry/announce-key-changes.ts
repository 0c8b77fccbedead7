// What issuing and rotating make of a user's key; the same for every registry.
import { hash, randomBytes } from "node:crypto";
import { isIP } from "node:net";
import type { AnnounceKey, IssuedKey } from "./announce-keys.ts";
import { keyIssued, keyUnknown, userMalformed } from "./errors.ts";

const KEY_BYTES = 16;
const USER_NAME = /^[A-Za-z0-9._-]{1,16}$/;

/** Throws `USER_MALFORMED` and `ANNOUNCE_KEY_ISSUED`. */
export function issued(before: AnnounceKey | undefined, user: string, now: number): IssuedKey {
  if (!USER_NAME.test(user) || isIP(user) !== 0) throw userMalformed(user);
  if (before !== undefined) throw keyIssued(user);
  const { key, digest } = newKey();
  return { key, record: { user, digest, issuedAt: now, rotatedAt: undefined, former: [] } };
}

export interface Rotation {
  readonly user: string;
  readonly graceSeconds: number;
}

/** Throws `ANNOUNCE_KEY_UNKNOWN`. */
export function rotated(before: AnnounceKey | undefined, { user, graceSeconds }: Rotation, now: number): IssuedKey {
  if (before === undefined) throw keyUnknown(user);
  const until = now + graceSeconds * 1000;
  const latest = [{ digest: before.digest, until }, ...before.former];
  const former = latest.map((one) => ({ ...one, until: Math.min(one.until, until) })).filter((one) => one.until > now);
  const { key, digest } = newKey();
  return { key, record: { ...before, digest, rotatedAt: now, former } };
}

/** As it is kept, of a key in the form that announces bring it in. */
export function digestOf(key: string): string {
  return hash("sha256", key, "hex");
}

function newKey(): { key: string; digest: string } {
  const key = randomBytes(KEY_BYTES).toString("hex");
  return { key, digest: digestOf(key) };
}
