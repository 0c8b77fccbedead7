// Every change that a control call made goes to the audit log, and to the tracker's own log as one structured line.
import type { FastifyRequest } from "fastify";
import type { Ban } from "../bans/ban.ts";
import type { AuditAction } from "../registry/audit-log.ts";
import type { Transfer } from "../registry/transfer-registry.ts";
import { sameList } from "../registry/transitions.ts";
import type { InfoHash } from "../swarm/identifiers.ts";
import type { ApiParts } from "./api-parts.ts";

type AuditParts = Pick<ApiParts, "registry" | "log" | "now">;

interface TransferChange {
  readonly action: "register" | "activate" | "deactivate";
  readonly before: Transfer | undefined;
  readonly after: Transfer;
}

/** Writes nothing when the call changed nothing. */
export async function auditTransfer(
  parts: AuditParts,
  request: FastifyRequest,
  { action, before, after }: TransferChange,
): Promise<void> {
  if (
    before?.state === after.state &&
    before.activatedAt === after.activatedAt &&
    sameList(before.origins, after.origins) &&
    sameList(before.targets, after.targets)
  )
    return;
  const { infoHash, name, state, origins, targets } = after;
  const detail = { name, before: before?.state ?? null, after: state, origins, targetCount: targets.length };
  await write(parts, request, { action, infoHash, detail, message: `transfer ${name}: ${action}` });
}

/** Of a ban that was made, changed or lifted. */
export async function auditBan(
  parts: AuditParts,
  request: FastifyRequest,
  { action, ban }: { readonly action: "ban" | "unban"; readonly ban: Ban },
): Promise<void> {
  const { kind, value, reason } = ban;
  const infoHash = kind === "info-hash" ? (value as InfoHash) : undefined;
  await write(parts, request, { action, infoHash, detail: { kind, value, reason }, message: `${value}: ${action}` });
}

interface KeyChange {
  readonly action: "issue-key" | "rotate-key" | "revoke-key";
  readonly user: string;
  readonly graceSeconds?: number;
}

/** Of an announce key, without the key. */
export async function auditKey(parts: AuditParts, request: FastifyRequest, { action, ...detail }: KeyChange) {
  await write(parts, request, {
    action,
    infoHash: undefined,
    detail,
    message: `announce key of ${detail.user}: ${action}`,
  });
}

interface Line {
  readonly action: AuditAction;
  /** Undefined for a change that concerns none. */
  readonly infoHash: InfoHash | undefined;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** The change is made already: a log that cannot be written to is no reason to call it failed. */
async function write({ registry, log, now }: AuditParts, { socket }: FastifyRequest, line: Line): Promise<void> {
  const { action, infoHash, detail, message } = line;
  const actor = socket.remoteAddress ?? "unknown";
  log.info({ audit: action, client: actor, infoHash, ...detail }, message);
  try {
    await registry.audit.append({ at: now(), action, infoHash, actor, detail });
  } catch (err) {
    log.error({ err, audit: action, infoHash }, "a change is in this log only; the audit log could not be written");
  }
}
