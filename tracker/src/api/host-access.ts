// Who may call for a host: whoever may make control calls, and the host itself.
import type { FastifyRequest } from "fastify";
import { hostAddressText } from "../wire/compact-address.ts";
import type { AccessCheck } from "./access.ts";
import type { ApiParts } from "./api-parts.ts";
import { ApiError } from "./errors.ts";
import { parseAddress } from "./parameters.ts";

type Callers = Pick<ApiParts, "callerOf">;

/** For routes below `/hosts/:address`. Throws `OTHER_HOST`, `HOST_NOT_ALLOWED`, and what `check` throws of a token that was sent. */
export function createHostAccessCheck(check: AccessCheck, callers: Callers): AccessCheck {
  return async (request) => {
    try {
      await check(request);
    } catch (refusal) {
      if (request.headers.authorization !== undefined) throw refusal;
      refuseOtherHosts(request, callers);
    }
  };
}

/** The host that the path names, in canonical text form; `self` is the caller. Throws `ADDRESS_MALFORMED` and `HOST_NOT_ALLOWED`. */
export function hostIn(request: FastifyRequest, callers: Callers): string {
  const { address } = request.params as { readonly address: string };
  return address === "self" ? callerIn(request, callers) : parseAddress(address, "address");
}

function refuseOtherHosts(request: FastifyRequest, callers: Callers): void {
  const caller = callerIn(request, callers);
  const address = hostIn(request, callers);
  if (address === caller) return;
  const remedy = "ask for /hosts/self, or send the tracker's API_TOKEN as Authorization: Bearer <token>";
  throw new ApiError("OTHER_HOST", `The host ${caller} may ask for itself only, not for ${address}; ${remedy}.`);
}

function callerIn({ raw, socket }: FastifyRequest, { callerOf }: Callers): string {
  const caller = callerOf(raw);
  if (caller !== undefined) return hostAddressText(caller);
  const from = socket.remoteAddress ?? "an unknown address";
  const remedy = "add its address to the tracker's ALLOW_CIDRS, or have the proxy name it in X-Forwarded-For";
  throw new ApiError("HOST_NOT_ALLOWED", `The host that asks from ${from} may not; ${remedy}.`);
}
