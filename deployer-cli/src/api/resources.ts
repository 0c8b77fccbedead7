// The API's resources as the command names them; their shapes come from tracker/openapi.json alone.
import type { paths } from "./schema.d.ts";

type Sent<Operation> = Operation extends { requestBody: { content: { "application/json": infer Body } } }
  ? Body
  : never;
type Json<Operation> = Operation extends { responses: { 200: { content: { "application/json": infer Body } } } }
  ? Body
  : never;

export type Transfer = Json<paths["/transfers"]["get"]>["transfers"][number];
export type TransferState = Transfer["state"];
export type TransferDetail = Json<paths["/transfers/{infoHash}"]["get"]>;
export type Rack = TransferDetail["racks"][number];
export type Host = TransferDetail["hosts"][number];
/** What a host last reported of a release, since its activation. */
export type HostReport = TransferDetail["reports"][number];
export type HostReportRequest = Sent<paths["/hosts/{address}/transfers/{infoHash}"]["put"]>;
/** What the clients of a transfer moved. */
export type Traffic = Json<paths["/transfers/{infoHash}/traffic"]["get"]>;
export type RackTraffic = Traffic["racks"][number];
export type UserTraffic = Traffic["users"][number];
export type ExplainedPeer = Json<paths["/transfers/{infoHash}/explain/{address}"]["get"]>["peers"][number];
export type TopologyAnswer = Json<paths["/topology/{address}"]["get"]>;
export type ResolverAnswer = NonNullable<TopologyAnswer["resolvers"]>[number];
export type Ban = Json<paths["/bans"]["get"]>["bans"][number];
export type AnnounceKey = Json<paths["/announce-keys"]["get"]>["keys"][number];
export type IssuedAnnounceKey = Json<paths["/announce-keys/{user}/rotate"]["post"]>;
