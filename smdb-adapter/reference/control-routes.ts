// Whether the reference SMDB lives, and how it is to misbehave.
import { Type } from "typebox";
import { Faults } from "./faults.ts";
import { answer, reference } from "./schemas.ts";
import type { Smdb, SmdbParts } from "./smdb-parts.ts";

export function registerHealthRoute(smdb: Smdb, { data }: SmdbParts): void {
  const healthy = {
    operationId: "isAlive",
    summary: "Answered as long as the process lives, without a token and whatever the faults",
    security: [],
    response: { 200: answer("Alive", Type.Object({ status: Type.String(), hosts: Type.Integer() })) },
  };
  smdb.get("/healthz", { schema: healthy }, () => ({ status: "ok", hosts: data().hosts.length }));
}

export function registerFaultRoutes(smdb: Smdb, { faults }: SmdbParts): void {
  const showing = {
    operationId: "showFaults",
    summary: "How lookups are answered wrongly",
    response: { 200: answer("The faults", reference(Faults)) },
  };
  smdb.get("/faults", { schema: showing }, () => faults.current);

  const setting = {
    operationId: "setFaults",
    summary: "Has lookups answered wrongly from now on, or well again with {}",
    body: reference(Faults),
    response: { 200: answer("The faults", reference(Faults)) },
  };
  smdb.put("/faults", { schema: setting }, ({ body }) => (faults.current = body));
}
