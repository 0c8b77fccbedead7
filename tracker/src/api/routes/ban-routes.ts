// Bans: info-hashes whose clients are turned away whatever their transfer's state.
import { type Static, Type } from "typebox";
import type { Ban } from "../../registry/ban-list.ts";
import { banUnknown } from "../../registry/errors.ts";
import type { Api, ApiParts } from "../api-parts.ts";
import { auditBan } from "../audit.ts";
import { parseInfoHash } from "../parameters.ts";
import { answer, Ban as BanSchema, BanRequest, InfoHashParameter, reference, REFUSALS } from "../schemas.ts";
import { timeText } from "../time-text.ts";

export function registerBanRoutes(api: Api, parts: ApiParts): void {
  registerReading(api, parts);
  registerChanges(api, parts);
}

function registerReading(api: Api, { registry: { bans } }: ApiParts): void {
  const listing = {
    operationId: "listBans",
    summary: "All bans, in order of time",
    response: { 200: answer("The bans", Type.Object({ bans: Type.Array(reference(BanSchema)) })), ...REFUSALS },
  };
  api.get("/bans", { schema: listing }, async () => ({ bans: (await bans.list()).map(pictureBan) }));

  const showing = {
    operationId: "showBan",
    summary: "The ban of an info-hash",
    params: InfoHashParameter,
    response: { 200: answer("The ban", reference(BanSchema)), ...REFUSALS },
  };
  api.get("/bans/:infoHash", { schema: showing }, async ({ params }) => {
    const ban = bans.lookup(parseInfoHash(params.infoHash));
    if (ban === undefined) throw banUnknown(params.infoHash);
    return pictureBan(ban);
  });
}

function registerChanges(api: Api, parts: ApiParts): void {
  const { registry, now } = parts;
  const banning = {
    operationId: "ban",
    summary: "Turns the clients of an info-hash away, registered or not",
    description: "Idempotent; another reason replaces the one before.",
    params: InfoHashParameter,
    body: reference(BanRequest),
    response: { 200: answer("The ban", reference(BanSchema)), ...REFUSALS },
  };
  api.put("/bans/:infoHash", { schema: banning }, async (request) => {
    const infoHash = parseInfoHash(request.params.infoHash);
    const before = registry.bans.lookup(infoHash);
    const ban = await registry.bans.ban(infoHash, request.body.reason, now());
    if (before?.reason !== ban.reason) await auditBan(parts, request, { action: "ban", ban });
    return pictureBan(ban);
  });

  const lifting = {
    operationId: "liftBan",
    summary: "Lets the clients of an info-hash in again",
    description: "Idempotent.",
    params: InfoHashParameter,
    response: { 204: { description: "Not banned" }, ...REFUSALS },
  };
  api.delete("/bans/:infoHash", { schema: lifting }, async (request, reply) => {
    const ban = await registry.bans.unban(parseInfoHash(request.params.infoHash));
    if (ban !== undefined) await auditBan(parts, request, { action: "unban", ban });
    return reply.code(204).send();
  });
}

function pictureBan({ infoHash, reason, bannedAt }: Ban): Static<typeof BanSchema> {
  return { infoHash, reason, bannedAt: timeText(bannedAt) };
}
