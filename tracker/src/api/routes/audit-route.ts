// The audit log, for reading.
import { Type } from "typebox";
import type { Api, ApiParts } from "../api-parts.ts";
import { answer, AuditEntry, AuditFilter, reference, REFUSALS } from "../schemas.ts";
import { timeText } from "../time-text.ts";

const ENTRIES_WITHOUT_LIMIT = 100;

export function registerAuditRoute(api: Api, { registry }: ApiParts): void {
  const listing = {
    operationId: "listAudit",
    summary: "Who changed what, newest first",
    querystring: AuditFilter,
    response: { 200: answer("The entries", Type.Object({ entries: Type.Array(reference(AuditEntry)) })), ...REFUSALS },
  };
  api.get("/audit", { schema: listing }, async ({ query: { limit } }) => {
    const entries = await registry.audit.list(Number(limit ?? ENTRIES_WITHOUT_LIMIT));
    return {
      entries: entries.map(({ at, action, infoHash, actor, detail }) => ({
        at: timeText(at),
        action,
        infoHash: infoHash ?? null,
        actor,
        detail: { ...detail },
      })),
    };
  });
}
