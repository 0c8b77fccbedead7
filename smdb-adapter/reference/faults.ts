// How the reference SMDB misbehaves, on demand: late, with an error, with garbage, or not at all.
import { setTimeout as delay } from "node:timers/promises";
import type { FastifyReply } from "fastify";
import { type Static, Type } from "typebox";

const LONGEST_DELAY_MS = 600_000;

export const Faults = Type.Object(
  {
    delayMs: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: LONGEST_DELAY_MS,
        description: "How long every lookup waits for its answer",
      }),
    ),
    status: Type.Optional(Type.Integer({ minimum: 400, maximum: 599, description: "What every lookup is answered" })),
    garbage: Type.Optional(Type.Boolean({ description: "Whether answers break off in the middle of their JSON" })),
    silence: Type.Optional(Type.Boolean({ description: "Whether lookups are accepted and never answered" })),
  },
  {
    $id: "Faults",
    additionalProperties: false,
    description: "How lookups are answered wrongly; none of it when empty",
  },
);

export type Faults = Static<typeof Faults>;

const GARBAGE = '{"web1": {"cabinet": "ra';

/** Answers in place of the lookup, when that is the fault. */
export async function commitFaults(faults: Faults, reply: FastifyReply): Promise<void> {
  // Fastify takes a hijacked reply for answered, and the connection stays open.
  if (faults.silence) return void reply.hijack();
  if (faults.delayMs) await delay(faults.delayMs, undefined, { ref: false });
  if (faults.status) await reply.code(faults.status).send({ detail: "This is a fault on demand; see GET /faults." });
  else if (faults.garbage) await reply.header("content-type", "application/json").serializer(String).send(GARBAGE);
}
