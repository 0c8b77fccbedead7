// What the clients of a transfer moved, as the ledger of accounting has it.
import type { Api, ApiParts } from "../api-parts.ts";
import { ApiError } from "../errors.ts";
import { findTransfer } from "../parameters.ts";
import { answer, InfoHashParameter, reference, REFUSALS, Traffic, TrafficFilter } from "../schemas.ts";
import { pictureTraffic } from "../traffic-picture.ts";

const OFF = "This tracker does not count what clients move; set ACCOUNTING=true and start it again.";

export function registerTrafficRoute(api: Api, { registry, accounting }: ApiParts): void {
  const telling = {
    operationId: "showTraffic",
    summary: "What the clients of a transfer uploaded and downloaded",
    description:
      "Bytes that clients told, counted from their announces: of the payload (BEP 3), since the transfer was first counted, and kept for ACCOUNTING_TOTALS_DAYS after they changed last. An announce is counted within about a second, the first and the last one of a client before it is answered. Counters say how much a client moved, not with whom: how many bytes crossed from rack to rack is not in them.",
    params: InfoHashParameter,
    querystring: TrafficFilter,
    response: { 200: answer("The totals", reference(Traffic)), ...REFUSALS },
  };
  api.get("/transfers/:infoHash/traffic", { schema: telling }, async ({ params, query: { rack } }) => {
    const { infoHash } = findTransfer(registry, params.infoHash);
    if (accounting === undefined) throw new ApiError("ACCOUNTING_OFF", OFF);
    const totals = await accounting.totals(infoHash);
    return pictureTraffic(rack === undefined ? totals : totals.filter((total) => total.rack === rack));
  });
}
