// Transfers: listing and reading them.
import { Type } from "typebox";
import type { Api, ApiParts } from "../api-parts.ts";
import { findTransfer } from "../parameters.ts";
import { answer, InfoHashParameter, reference, REFUSALS, Transfer, TransferDetail, TransferState } from "../schemas.ts";
import { pictureDetail, pictureTransfers } from "../transfer-picture.ts";

export function registerTransferRoutes(api: Api, parts: ApiParts): void {
  const { registry } = parts;
  const listing = {
    operationId: "listTransfers",
    summary: "All transfers, in order of registration",
    querystring: Type.Object({ state: Type.Optional(TransferState) }, { additionalProperties: false }),
    response: {
      200: answer("The transfers", Type.Object({ transfers: Type.Array(reference(Transfer)) })),
      ...REFUSALS,
    },
  };
  api.get("/transfers", { schema: listing }, async ({ query: { state } }) => {
    const transfers = (await registry.list()).filter((transfer) => state === undefined || transfer.state === state);
    return { transfers: await pictureTransfers(parts, transfers) };
  });

  const showing = {
    operationId: "showTransfer",
    summary: "One transfer with its racks, its hosts and the hosts that are missing",
    params: InfoHashParameter,
    response: { 200: answer("The transfer", reference(TransferDetail)), ...REFUSALS },
  };
  api.get("/transfers/:infoHash", { schema: showing }, async ({ params }) =>
    pictureDetail(parts, findTransfer(registry, params.infoHash)),
  );
}
