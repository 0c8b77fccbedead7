// The audit log: one structured line for every change that a control call made.
import type { FastifyRequest } from "fastify";
import type { Transfer } from "../registry/transfer-registry.ts";
import { sameList } from "../registry/transitions.ts";
import type { ApiLog } from "./api-parts.ts";

export interface Change {
  readonly action: "register" | "activate" | "deactivate";
  readonly before: Transfer | undefined;
  readonly after: Transfer;
}

/** Writes nothing when the call changed nothing. */
export function audit(log: ApiLog, request: FastifyRequest, { action, before, after }: Change): void {
  if (
    before?.state === after.state &&
    sameList(before.origins, after.origins) &&
    sameList(before.targets, after.targets)
  )
    return;
  const { infoHash, name, state, origins } = after;
  const details = {
    audit: action,
    client: request.socket.remoteAddress,
    infoHash,
    name,
    before: before?.state ?? null,
    after: state,
    origins,
    targetCount: after.targets.length,
  };
  log.info(details, `transfer ${name}: ${action}`);
}
