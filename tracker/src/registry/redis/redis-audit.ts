// The audit log that trackers share: a stream, whose oldest entries go.
import { AUDIT_ENTRIES_KEPT, type AuditAction, type AuditEntry, type AuditLog } from "../audit-log.ts";
import { parseObject } from "./json-object.ts";
import { foreignData, type RegistryAccess } from "./registry-access.ts";
import { hashOf, parseHash, REGISTRY_KEYS } from "./registry-keys.ts";

const { audit } = REGISTRY_KEYS;

export function createRedisAudit(access: RegistryAccess): AuditLog {
  return {
    async append({ at, action, infoHash, actor, detail }) {
      const hash = infoHash === undefined ? "" : hashOf(infoHash);
      const fields = ["at", new Date(at).toISOString(), "action", action, "hash", hash, "actor", actor];
      await access.ask(audit, (client, key) =>
        client.xadd(key, "MAXLEN", "~", AUDIT_ENTRIES_KEPT, "*", ...fields, "detail", JSON.stringify(detail)),
      );
    },
    async list(limit) {
      const found = await access.ask(audit, (client, key) => client.xrevrange(key, "+", "-", "COUNT", limit));
      return found.map(([id, fields]) => parseEntry(id, fields));
    },
  };
}

function parseEntry(id: string, flat: readonly string[]): AuditEntry {
  const fields: Record<string, string> = {};
  for (let at = 0; at + 1 < flat.length; at += 2) fields[flat[at] ?? ""] = flat[at + 1] ?? "";
  const at = Date.parse(fields["at"] ?? "");
  const detail = parseObject(fields["detail"] ?? "");
  if (Number.isNaN(at) || detail === undefined)
    throw foreignData(audit, `has an entry ${id} that is none of the registry's`);
  return {
    at,
    action: fields["action"] as AuditAction,
    infoHash: parseHash(fields["hash"] ?? ""),
    actor: fields["actor"] ?? "",
    detail,
  };
}
