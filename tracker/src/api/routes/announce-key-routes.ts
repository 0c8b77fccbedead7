// Announce keys: which users have one, and how they get, change and lose it.
import { type Static, Type } from "typebox";
import type { AnnounceKey as KeyRecord } from "../../registry/announce-keys.ts";
import {
  AnnounceKey,
  IssuedAnnounceKey,
  KeyRotation,
  USUAL_GRACE_SECONDS,
  UserParameter,
} from "../announce-key-schemas.ts";
import type { Api, ApiParts } from "../api-parts.ts";
import { auditKey } from "../audit.ts";
import { answer, reference, REFUSALS } from "../schemas.ts";
import { timeText, timeTextOrNull } from "../time-text.ts";

const PATH = "/announce-keys/:user";
/** What holds a key is nobody's to keep. */
const SECRET = { "cache-control": "no-store" };

export function registerAnnounceKeyRoutes(api: Api, parts: ApiParts): void {
  registerListing(api, parts);
  registerIssuing(api, parts);
  registerRotation(api, parts);
  registerRevocation(api, parts);
}

function registerListing(api: Api, { registry, now }: ApiParts): void {
  const listing = {
    operationId: "listAnnounceKeys",
    summary: "The users that have an announce key, by name",
    response: { 200: answer("The keys", Type.Object({ keys: Type.Array(reference(AnnounceKey)) })), ...REFUSALS },
  };
  api.get("/announce-keys", { schema: listing }, async () => {
    const records = await registry.announceKeys.list();
    return { keys: records.map((record) => pictureKey(record, now())) };
  });
}

function registerIssuing(api: Api, parts: ApiParts): void {
  const { registry, now } = parts;
  const issuing = {
    operationId: "issueAnnounceKey",
    summary: "Issues an announce key to a user",
    description: "Refused where the user has one: nobody can tell that key again, but it can be rotated.",
    params: UserParameter,
    response: { 201: answer("The key", reference(IssuedAnnounceKey)), ...REFUSALS },
  };
  api.post(PATH, { schema: issuing }, async (request, reply) => {
    const { key, record } = await registry.announceKeys.issue(request.params.user, now());
    await auditKey(parts, request, { action: "issue-key", user: record.user });
    return reply
      .code(201)
      .headers(SECRET)
      .send({ ...pictureKey(record, now()), key });
  });
}

function registerRotation(api: Api, parts: ApiParts): void {
  const { registry, now } = parts;
  const rotating = {
    operationId: "rotateAnnounceKey",
    summary: "Gives a user another announce key",
    params: UserParameter,
    body: reference(KeyRotation),
    response: { 200: answer("The key", reference(IssuedAnnounceKey)), ...REFUSALS },
  };
  api.post(
    `${PATH}/rotate`,
    {
      schema: rotating,
      // A call without a grace needs no body.
      preValidation: async (request) => {
        request.body ??= {};
      },
    },
    async (request, reply) => {
      const { graceSeconds = USUAL_GRACE_SECONDS } = request.body;
      const { key, record } = await registry.announceKeys.rotate(request.params.user, graceSeconds, now());
      await auditKey(parts, request, { action: "rotate-key", user: record.user, graceSeconds });
      return reply.headers(SECRET).send({ ...pictureKey(record, now()), key });
    },
  );
}

function registerRevocation(api: Api, parts: ApiParts): void {
  const revoking = {
    operationId: "revokeAnnounceKey",
    summary: "Ends all announce keys of a user",
    description: "Idempotent.",
    params: UserParameter,
    response: { 204: { description: "The user has none" }, ...REFUSALS },
  };
  api.delete(PATH, { schema: revoking }, async (request, reply) => {
    const { user } = request.params;
    const record = await parts.registry.announceKeys.revoke(user);
    if (record !== undefined) await auditKey(parts, request, { action: "revoke-key", user });
    return reply.code(204).send();
  });
}

function pictureKey({ user, issuedAt, rotatedAt, former }: KeyRecord, now: number): Static<typeof AnnounceKey> {
  const until = Math.max(...former.map((one) => one.until));
  return {
    user,
    issuedAt: timeText(issuedAt),
    rotatedAt: timeTextOrNull(rotatedAt),
    formerUntil: until > now ? timeText(until) : null,
  };
}
