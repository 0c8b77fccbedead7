// The tracker's announce keys as functions.
import type { CallsOptions } from "./ban-calls.ts";
import type { AnnounceKey, IssuedAnnounceKey } from "./resources.ts";

export interface KeyCalls {
  /** By user, without the keys themselves. */
  announceKeys(): Promise<readonly AnnounceKey[]>;
  /** Throws `KEY_ISSUED` for a user that has one; that may be of a call before, whose answer was lost. */
  issueKey(user: string): Promise<IssuedAnnounceKey>;
  /** Throws `KEY_UNKNOWN`. */
  rotateKey(user: string, graceSeconds: number): Promise<IssuedAnnounceKey>;
  /** Idempotent. */
  revokeKey(user: string): Promise<void>;
}

export function createKeyCalls({ api, answer, check }: CallsOptions): KeyCalls {
  const of = (user: string) => ({ path: { user } });
  return {
    announceKeys: async () => answer(await api.GET("/announce-keys")).keys,
    issueKey: async (user) => answer(await api.POST("/announce-keys/{user}", { params: of(user) })),
    rotateKey: async (user, graceSeconds) =>
      answer(await api.POST("/announce-keys/{user}/rotate", { params: of(user), body: { graceSeconds } })),
    revokeKey: async (user) => check(await api.DELETE("/announce-keys/{user}", { params: of(user) })),
  };
}
