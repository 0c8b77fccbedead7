// Failures as problem details (RFC 9457), for every route and for what is no route.
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import type { ApiLog } from "./api-parts.ts";
import { API_ERRORS, ApiError, asApiError } from "./errors.ts";
import { describeFault } from "./validation-fault.ts";

/** For fastify's error handlers. What is not for the client's eyes goes to the log. */
export function createErrorAnswer(log: ApiLog) {
  return (error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
    const told = describeFault(error, request) ?? asApiError(error);
    const { method, url } = request;
    if (told.code === "INTERNAL") log.error({ err: error, method, url: withoutKey(url) }, "a control call failed");
    send(reply, told);
  };
}

/** Logs are read by more people than may announce for a user. */
function withoutKey(url: string): string {
  return url.replace(/(announceKey=)[^&]*/, "$1…");
}

export function answerUnknownRoute({ method, url }: FastifyRequest, reply: FastifyReply): void {
  const detail = `There is no ${method} ${url.split("?", 1)[0]} here; GET /openapi.json lists all there is.`;
  send(reply, new ApiError("ROUTE_UNKNOWN", detail));
}

function send(reply: FastifyReply, { code, message }: ApiError): void {
  const { status, title } = API_ERRORS[code];
  const body = JSON.stringify({ type: `urn:rackcast:problem:${code}`, title, status, detail: message, code });
  if (code === "TOKEN_MISSING") void reply.header("www-authenticate", "Bearer");
  // As bytes and not by the route's schema, which has none for errors that come before the route.
  void reply.code(status).header("content-type", "application/problem+json").serializer(String).send(body);
}
