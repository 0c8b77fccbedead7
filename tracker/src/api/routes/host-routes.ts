// What a host should have, and what it reports of that; for hosts that pull, and for whoever deploys to those that do not.
import { Type } from "typebox";
import { currentReleases, isReleaseName } from "../../registry/series.ts";
import type { Transfer } from "../../registry/transfer-registry.ts";
import type { Api, ApiParts } from "../api-parts.ts";
import { assignedTransfers, findAssigned } from "../assignment.ts";
import { hostIn } from "../host-access.ts";
import { HostReport, HostReportRequest } from "../host-report-schemas.ts";
import { findReport, pictureReport } from "../report-picture.ts";
import { HostParameter, HostTransfer, InfoHashParameter, reference, REFUSALS, TEXT_TYPE } from "../schemas.ts";
import { pictureTransfer } from "../transfer-picture.ts";

export function registerHostRoutes(api: Api, parts: ApiParts): void {
  registerListing(api, parts);
  registerReporting(api, parts);
}

function registerListing(api: Api, parts: ApiParts): void {
  const json = Type.Object({ transfers: Type.Array(reference(HostTransfer)) });
  const schema = {
    operationId: "listHostTransfers",
    summary: "The active transfers that a host should have",
    description: `Those that name it as a target, and those that name no targets; banned ones are left out, and a banned host has none. With \`Accept: ${TEXT_TYPE}\` one line a transfer, for shell scripts: info-hash, bytes, \`current\` or \`kept\`, \`verified\`, \`failed\` or \`-\`, and the name, with tabs between them; names that are not safe as file names are left out. The last line is \`# end\` and the number of those before it: without it the answer was cut off.`,
    params: HostParameter,
    response: {
      200: {
        description: "The transfers",
        content: { "application/json": { schema: json }, [TEXT_TYPE]: { schema: Type.String() } },
      },
      ...REFUSALS,
    },
  };
  api.get("/hosts/:address/transfers", { schema }, async (request, reply) => {
    const address = hostIn(request, parts);
    const transfers = await assignedTransfers(parts.registry, address);
    if (request.headers.accept?.includes(TEXT_TYPE))
      return reply.type(TEXT_TYPE).send(await printTransfers(parts, transfers, address));
    return { transfers: await pictureAssigned(parts, transfers, address) };
  });
}

async function pictureAssigned(parts: ApiParts, transfers: readonly Transfer[], address: string) {
  const current = currentReleases(transfers);
  const pictures = [];
  for (const transfer of transfers) {
    const report = await findReport(parts.registry, transfer, address);
    pictures.push({ ...(await pictureTransfer(parts, transfer)), current: current.has(transfer), report });
  }
  return pictures;
}

/** Looks at no swarm: a fleet of hosts asks for it every minute. */
async function printTransfers(parts: ApiParts, transfers: readonly Transfer[], address: string): Promise<string> {
  const current = currentReleases(transfers);
  const releases = transfers.filter(({ name }) => isReleaseName(name));
  const lines = releases.map(async (transfer) => {
    const report = await findReport(parts.registry, transfer, address);
    const { infoHash, lengthBytes, name } = transfer;
    const use = current.has(transfer) ? "current" : "kept";
    return `${[infoHash, lengthBytes, use, report?.state ?? "-", name].join("\t")}\n`;
  });
  return `${(await Promise.all(lines)).join("")}# end ${releases.length}\n`;
}

function registerReporting(api: Api, parts: ApiParts): void {
  const { registry, now, onHostReport } = parts;
  const schema = {
    operationId: "reportHostTransfer",
    summary: "Reports that a host has a release, or why not",
    description: "Takes the place of the host's report before; a later activation makes it out of date.",
    params: Type.Object({ ...HostParameter.properties, ...InfoHashParameter.properties }),
    body: reference(HostReportRequest),
    response: {
      200: { description: "The report", content: { "application/json": { schema: reference(HostReport) } } },
      ...REFUSALS,
    },
  };
  api.put("/hosts/:address/transfers/:infoHash", { schema }, async (request) => {
    const address = hostIn(request, parts);
    const { infoHash } = findAssigned(registry, request.params.infoHash, address);
    const { state, code, message } = request.body;
    const report = { address, state, code, message, reportedAt: now() };
    await registry.reports.put(infoHash, report);
    onHostReport(state);
    return pictureReport(report);
  });
}
