// What fastify refuses before a route sees it, in words that name the field and the remedy.
import type { FastifyError, FastifyRequest, FastifySchemaValidationError } from "fastify";
import { ApiError } from "./errors.ts";

/** Undefined for errors that fastify did not raise over the form of the request. */
export function describeFault(error: FastifyError, request: FastifyRequest): ApiError | undefined {
  const fault = error.validation?.[0];
  if (fault !== undefined) return describeField(error.validationContext ?? "request", fault, error);
  if (error.code === "FST_ERR_CTP_BODY_TOO_LARGE") return describeSize(request, error);
  if (error.code === "FST_ERR_CTP_INVALID_MEDIA_TYPE") return describeType(request, error);
  return undefined;
}

function describeField(part: string, fault: FastifySchemaValidationError, cause: FastifyError): ApiError {
  const field = [part, ...fault.instancePath.split("/").slice(1)].join(".");
  if (field === "params.infoHash")
    return new ApiError("INFO_HASH_MALFORMED", "The info-hash in the path is none; write its 40 hex digits.", {
      cause,
    });
  if (field === "querystring.announceKey") {
    const remedy = "write the 32 digits, 0 to 9 and a to f, that it was issued as";
    return new ApiError("ANNOUNCE_KEY_MALFORMED", `announceKey is no announce key; ${remedy}.`, { cause });
  }
  return new ApiError("REQUEST_INVALID", `${field} ${complaint(fault)}; see GET /openapi.json.`, { cause });
}

function complaint({ keyword, params, message = "does not fit" }: FastifySchemaValidationError): string {
  if (keyword === "additionalProperties") return `does not know ${JSON.stringify(params["additionalProperty"])}`;
  if (keyword === "enum" && Array.isArray(params["allowedValues"]))
    return `must be one of ${params["allowedValues"].join(", ")}`;
  return message;
}

function describeSize({ routeOptions }: FastifyRequest, cause: FastifyError): ApiError {
  const limit = `${Math.floor((routeOptions.bodyLimit ?? 0) / 2 ** 20)} MiB`;
  const remedy =
    "for a torrent, build it again with larger pieces (rackcast build --piece-length) or of fewer files (pack them into archives)";
  return new ApiError("BODY_TOO_LARGE", `The body is above ${limit}; ${remedy}.`, { cause });
}

function describeType({ headers, url }: FastifyRequest, cause: FastifyError): ApiError {
  const given = headers["content-type"] ?? "none";
  const wanted = url.split("?", 1)[0] === "/transfers" ? "application/x-bittorrent" : "application/json";
  return new ApiError("BODY_TYPE_UNSUPPORTED", `The content type is ${given}; send ${wanted}.`, { cause });
}
