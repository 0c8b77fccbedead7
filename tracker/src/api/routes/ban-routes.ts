// Bans: info-hashes, ranges of addresses and clients that are turned away whatever their transfer's state.
import type { FastifyRequest } from "fastify";
import { type Static, type TSchema, Type } from "typebox";
import type { Ban, BanKind, BanSubject } from "../../bans/ban.ts";
import { parseBanSubject } from "../../bans/ban-subject.ts";
import { banUnknown } from "../../registry/errors.ts";
import type { Api, ApiParts } from "../api-parts.ts";
import { auditBan } from "../audit.ts";
import {
  answer,
  Ban as BanSchema,
  BanRequest,
  CidrParameter,
  ClientParameter,
  InfoHashParameter,
  reference,
  REFUSALS,
} from "../schemas.ts";
import { timeText } from "../time-text.ts";

/** One of the three kinds of ban as paths name it. */
interface BanPath {
  readonly kind: BanKind;
  readonly path: string;
  /** Of the operations: `ban`, `banCidr`. */
  readonly suffix: string;
  readonly what: string;
  readonly params: TSchema;
  /** The part of the path that holds the value, for messages. */
  readonly field: string;
  textOf(params: Readonly<Record<string, string>>): string;
}

const PATHS: readonly BanPath[] = [
  {
    kind: "info-hash",
    path: "/bans/:infoHash",
    suffix: "",
    what: "an info-hash, registered or not",
    params: InfoHashParameter,
    field: "params.infoHash",
    textOf: ({ infoHash = "" }) => infoHash,
  },
  {
    kind: "cidr",
    path: "/bans/cidr/:address/:length",
    suffix: "Cidr",
    what: "a range of addresses",
    params: CidrParameter,
    field: "params.address/length",
    textOf: ({ address = "", length = "" }) => `${address}/${length}`,
  },
  {
    kind: "client",
    path: "/bans/client/:prefix",
    suffix: "Client",
    what: "the start of peer ids",
    params: ClientParameter,
    field: "params.prefix",
    textOf: ({ prefix = "" }) => prefix,
  },
];

export function registerBanRoutes(api: Api, parts: ApiParts): void {
  registerListing(api, parts);
  for (const path of PATHS) {
    registerReading(api, parts, path);
    registerChanges(api, parts, path);
  }
}

function registerListing(api: Api, { registry: { bans } }: ApiParts): void {
  const listing = {
    operationId: "listBans",
    summary: "All bans, in order of time",
    description: "Those of this tracker's ban file among them.",
    response: { 200: answer("The bans", Type.Object({ bans: Type.Array(reference(BanSchema)) })), ...REFUSALS },
  };
  api.get("/bans", { schema: listing }, async () => ({ bans: (await bans.list()).map(pictureBan) }));
}

function registerReading(api: Api, { registry: { bans } }: ApiParts, at: BanPath): void {
  const showing = {
    operationId: `show${at.suffix}Ban`,
    summary: `The ban of ${at.what}`,
    params: at.params,
    response: { 200: answer("The ban", reference(BanSchema)), ...REFUSALS },
  };
  api.get(at.path, { schema: showing }, async (request) => {
    const subject = subjectOf(request, at);
    const ban = bans.find(subject);
    if (ban === undefined) throw banUnknown(subject);
    return pictureBan(ban);
  });
}

function registerChanges(api: Api, parts: ApiParts, at: BanPath): void {
  const { registry, now } = parts;
  const banning = {
    operationId: `ban${at.suffix}`,
    summary: `Turns the clients of ${at.what} away`,
    description: "Idempotent; another reason replaces the one before.",
    params: at.params,
    body: reference(BanRequest),
    response: { 200: answer("The ban", reference(BanSchema)), ...REFUSALS },
  };
  api.put(at.path, { schema: banning }, async (request) => {
    const subject = subjectOf(request, at);
    const before = registry.bans.find(subject);
    const ban = await registry.bans.ban(subject, request.body.reason, now());
    if (before?.reason !== ban.reason) await auditBan(parts, request, { action: "ban", ban });
    return pictureBan(ban);
  });

  const lifting = {
    operationId: `lift${at.suffix}Ban`,
    summary: `Lets the clients of ${at.what} in again`,
    description: "Idempotent.",
    params: at.params,
    response: { 204: { description: "Not banned" }, ...REFUSALS },
  };
  api.delete(at.path, { schema: lifting }, async (request, reply) => {
    const ban = await registry.bans.unban(subjectOf(request, at));
    if (ban !== undefined) await auditBan(parts, request, { action: "unban", ban });
    return reply.code(204).send();
  });
}

/** Throws `BAN_MALFORMED`. */
function subjectOf({ params }: Pick<FastifyRequest, "params">, { kind, field, textOf }: BanPath): BanSubject {
  return parseBanSubject(kind, textOf(params as Record<string, string>), field);
}

function pictureBan({ kind, value, reason, bannedAt, source }: Ban): Static<typeof BanSchema> {
  return {
    kind,
    value,
    infoHash: kind === "info-hash" ? value : null,
    reason,
    bannedAt: timeText(bannedAt),
    source,
  };
}
