// The tracker's bans as functions; each kind has a path of its own in the API.
import { isIPv6 } from "node:net";
import type { Client } from "openapi-fetch";
import type { Ban } from "./resources.ts";
import type { paths } from "./schema.d.ts";

/** What a ban is of, as the user wrote it; the tracker judges it. */
export interface BanSubject {
  readonly kind: Ban["kind"];
  /** An info-hash, `10.0.0.0/8` or an address, or the start of a peer id. */
  readonly value: string;
}

export interface BanCalls {
  /** In order of time. */
  bans(): Promise<readonly Ban[]>;
  /** Idempotent; another reason replaces the one before. */
  ban(subject: BanSubject, reason: string): Promise<Ban>;
  /** Idempotent. */
  liftBan(subject: BanSubject): Promise<void>;
}

/** As openapi-fetch answers. */
interface Result<Body> {
  readonly data?: Body;
  readonly error?: unknown;
  readonly response: Response;
}

/** The body of a success; throws `CommandError` for anything else. */
export type Answer = <Body>(result: Result<Body>) => Body;

export interface CallsOptions {
  readonly api: Client<paths>;
  readonly answer: Answer;
  /** Throws `CommandError` for what is no success. */
  check(result: Result<unknown>): void;
}

export function createBanCalls({ api, answer, check }: CallsOptions): BanCalls {
  return {
    bans: async () => answer(await api.GET("/bans")).bans,
    async ban({ kind, value }, reason) {
      const body = { reason };
      if (kind === "info-hash")
        return answer(await api.PUT("/bans/{infoHash}", { params: { path: { infoHash: value } }, body }));
      if (kind === "client")
        return answer(await api.PUT("/bans/client/{prefix}", { params: { path: { prefix: value } }, body }));
      return answer(await api.PUT("/bans/cidr/{address}/{length}", { params: { path: rangeOf(value) }, body }));
    },
    async liftBan({ kind, value }) {
      if (kind === "info-hash") check(await api.DELETE("/bans/{infoHash}", { params: { path: { infoHash: value } } }));
      else if (kind === "client")
        check(await api.DELETE("/bans/client/{prefix}", { params: { path: { prefix: value } } }));
      else check(await api.DELETE("/bans/cidr/{address}/{length}", { params: { path: rangeOf(value) } }));
    },
  };
}

/** A single address is the range of itself. */
function rangeOf(text: string): { address: string; length: string } {
  const slash = text.indexOf("/");
  if (slash >= 0) return { address: text.slice(0, slash), length: text.slice(slash + 1) };
  return { address: text, length: isIPv6(text) ? "128" : "32" };
}
