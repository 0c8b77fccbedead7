// Who may ask the reference SMDB: bearers of the token, in the words of either API.
import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";

/** For fastify's `onRequest`. */
export function createTokenCheck(token: string | undefined) {
  const expected = token === undefined ? undefined : digest(token);
  return async ({ headers }: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const [, given = ""] = /^(?:Bearer|Token) +(\S+)$/i.exec(headers.authorization ?? "") ?? [];
    if (expected === undefined || timingSafeEqual(digest(given), expected)) return;
    await reply.code(401).header("www-authenticate", "Bearer").send({ detail: "This needs the token of the SMDB." });
  };
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
