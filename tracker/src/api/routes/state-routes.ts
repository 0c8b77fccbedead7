// The two changes of a transfer's state.
import type { Api, ApiParts } from "../api-parts.ts";
import { auditTransfer } from "../audit.ts";
import { findTransfer, parseAddresses } from "../parameters.ts";
import { ActivationRequest, answer, InfoHashParameter, reference, REFUSALS, Transfer } from "../schemas.ts";
import { pictureTransfer } from "../transfer-picture.ts";

export function registerStateRoutes(api: Api, parts: ApiParts): void {
  const { registry, store, now } = parts;
  const activating = {
    operationId: "activateTransfer",
    summary: "Lets a transfer hand out peers",
    description: "Idempotent.",
    params: InfoHashParameter,
    body: reference(ActivationRequest),
    response: { 200: answer("The transfer", reference(Transfer)), ...REFUSALS },
  };
  api.post(
    "/transfers/:infoHash/activate",
    {
      schema: activating,
      // A call without lists needs no body.
      preValidation: async (request) => {
        request.body ??= {};
      },
    },
    async (request) => {
      const before = findTransfer(registry, request.params.infoHash);
      const origins = parseAddresses(request.body.origins, "origins");
      const targets = parseAddresses(request.body.targets, "targets");
      const { renew } = request.body;
      const after = await registry.activate(before.infoHash, { origins, targets, renew }, now());
      await auditTransfer(parts, request, { action: "activate", before, after });
      parts.onActivated(after);
      return pictureTransfer(parts, after);
    },
  );

  const deactivating = {
    operationId: "deactivateTransfer",
    summary: "Ends a transfer: its swarm is dropped, its name is free",
    description: "Idempotent.",
    params: InfoHashParameter,
    response: { 200: answer("The transfer", reference(Transfer)), ...REFUSALS },
  };
  api.post("/transfers/:infoHash/deactivate", { schema: deactivating }, async (request) => {
    const before = findTransfer(registry, request.params.infoHash);
    const after = await registry.deactivate(before.infoHash, now());
    // Of a swarm that cannot be dropped now the repeated call takes care, but it changes the transfer no more.
    await auditTransfer(parts, request, { action: "deactivate", before, after });
    await store.drop(before.infoHash);
    return pictureTransfer(parts, after);
  });
}
