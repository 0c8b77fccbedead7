// Who may make control calls: bearers of the token or, while there is none, clients on the tracker's own host.
import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyRequest } from "fastify";
import { ApiError } from "./errors.ts";

export type AccessCheck = (request: FastifyRequest) => Promise<void>;

/** Throws `TOKEN_MISSING`, `TOKEN_WRONG` or `LOOPBACK_ONLY`. */
export function createAccessCheck(token: string | undefined): AccessCheck {
  if (token === undefined) return async (request) => refuseOthersThanLoopback(request);
  const expected = digest(token);
  return async ({ headers }) => refuseWithoutToken(headers.authorization, expected);
}

function refuseWithoutToken(authorization: string | undefined, expected: Buffer): void {
  const [, given] = /^Bearer +(\S+) *$/i.exec(authorization ?? "") ?? [];
  if (given === undefined)
    throw new ApiError(
      "TOKEN_MISSING",
      "This call needs the tracker's API_TOKEN; send it as Authorization: Bearer <token>.",
    );
  // Digests are of one length, so that comparing tells nothing of the token's.
  if (!timingSafeEqual(digest(given), expected))
    throw new ApiError("TOKEN_WRONG", "The token sent is not the tracker's API_TOKEN; compare the two.");
}

function digest(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}

const REMEDY = "set API_TOKEN on the tracker and send it as Authorization: Bearer <token>";
const FORWARDING_HEADERS = ["x-forwarded-for", "x-real-ip", "forwarded"];

function refuseOthersThanLoopback({ socket, headers }: FastifyRequest): void {
  if (!isLoopback(socket.remoteAddress ?? "")) {
    const from = socket.remoteAddress ?? "an unknown address";
    throw new ApiError(
      "LOOPBACK_ONLY",
      `Without a token, control calls are answered on the tracker's own host only, not to ${from}; ${REMEDY}.`,
    );
  }
  const forwarded = FORWARDING_HEADERS.find((name) => headers[name] !== undefined);
  if (forwarded !== undefined)
    throw new ApiError(
      "LOOPBACK_ONLY",
      `Without a token, control calls through a proxy (${forwarded}) are refused; ${REMEDY}.`,
    );
  // A page from elsewhere that is open in a browser on this host is not this host.
  if (headers.origin !== undefined && !isOwnPage(headers.origin))
    throw new ApiError(
      "LOOPBACK_ONLY",
      `Without a token, control calls from pages of ${headers.origin} are refused; ${REMEDY}.`,
    );
}

function isLoopback(address: string): boolean {
  return address === "::1" || /^(::ffff:)?127\./.test(address);
}

function isOwnPage(origin: string): boolean {
  const host = URL.parse(origin)?.hostname ?? "";
  return host === "localhost" || host === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(host);
}
