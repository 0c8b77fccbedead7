// Hosts' reports as trackers share them: a hash beside each active transfer, read when it is asked for.
import type { InfoHash } from "../../swarm/identifiers.ts";
import { reportsFull, transferNotActive } from "../errors.ts";
import {
  HOST_REPORT_STATES,
  type HostReport,
  type HostReports,
  MOST_REPORTS,
  reportsInOrder,
} from "../host-reports.ts";
import { parseObject } from "./json-object.ts";
import { foreignData, type RegistryAccess } from "./registry-access.ts";
import { reportsKey, transferKey } from "./registry-keys.ts";
import { isoTime } from "./transfer-hash.ts";

export function createRedisReports(access: RegistryAccess): HostReports {
  const putReport = access.script("put-report");

  return {
    async put(infoHash, report) {
      const keys = [transferKey(infoHash), reportsKey(infoHash)];
      const outcome = await putReport(keys, [report.address, printReport(report), MOST_REPORTS]);
      if (outcome === "inactive") throw transferNotActive(infoHash);
      if (outcome === "full") throw reportsFull(infoHash);
    },
    async find(infoHash, address) {
      const text = await access.ask(reportsKey(infoHash), (client, key) => client.hget(key, address));
      return text === null ? undefined : parseReport(infoHash, address, text);
    },
    async list(infoHash) {
      const found = await access.ask(reportsKey(infoHash), (client, key) => client.hgetall(key));
      return reportsInOrder(Object.entries(found).map(([address, text]) => parseReport(infoHash, address, text)));
    },
  };
}

function printReport({ state, code, message, reportedAt }: HostReport): string {
  return JSON.stringify({ state, code, message, reported: isoTime(reportedAt) });
}

function parseReport(infoHash: InfoHash, address: string, text: string): HostReport {
  const fields = parseObject(text) ?? {};
  const state = HOST_REPORT_STATES.find((one) => one === fields["state"]);
  const reportedAt = Date.parse(textIn(fields, "reported") ?? "");
  if (state === undefined || Number.isNaN(reportedAt))
    throw foreignData(reportsKey(infoHash), `has ${JSON.stringify(text)} as its field ${JSON.stringify(address)}`);
  return { address, state, code: textIn(fields, "code"), message: textIn(fields, "message"), reportedAt };
}

function textIn(fields: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = fields[name];
  return typeof value === "string" ? value : undefined;
}
