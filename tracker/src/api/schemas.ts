// The REST API's resources. Each one is named in the OpenAPI document and referred to by its name.
import { type Static, type TSchema, Type } from "typebox";
import { BAN_KINDS, type Ban as BanEntry, type BanKind, LONGEST_REASON } from "../bans/ban.ts";
import { AUDIT_ACTIONS, type AuditAction } from "../registry/audit-log.ts";
import { AnnounceKey, IssuedAnnounceKey, KeyRotation } from "./announce-key-schemas.ts";
import { HostReport, HostReportRequest } from "./host-report-schemas.ts";
import { Placement, ResolverAnswer } from "./placement-schemas.ts";
import { AccountingHealth, DeliveryHealth, RackTraffic, TRAFFIC_AMOUNTS, UserTraffic } from "./traffic-schemas.ts";

const Time = (description: string) => Type.String({ format: "date-time", description });
/** Null until it happened. */
const TimeOrNull = (description: string) =>
  Type.Unsafe<string | null>({ type: ["string", "null"], format: "date-time", description });
const Count = (description: string) => Type.Integer({ minimum: 0, description });
const Progress = (description: string) => Type.Number({ minimum: 0, maximum: 1, description });
const Address = Type.String({ description: "IPv4 or IPv6 address in canonical text form" });
const Path = Type.Array(Type.String(), { description: "One name a level, outermost first" });
const PeerIdHex = Type.String({ pattern: "^[0-9a-f]{40}$", description: "The client's peer id in hex" });

export const TransferState = Type.Unsafe<"registered" | "active" | "inactive">({
  type: "string",
  enum: ["registered", "active", "inactive"],
  description: "Only an active transfer hands out peers",
});

const Role = Type.Unsafe<"origin" | "representative" | "member">({
  type: "string",
  enum: ["origin", "representative", "member"],
});

const transferFields = {
  infoHash: Type.String({ pattern: "^[0-9a-f]{40}$", description: "Lowercase hex" }),
  name: Type.String({ description: "Unique among transfers that are not inactive" }),
  series: Type.String({ description: "The name without its version: web of web-1.2.3" }),
  lengthBytes: Count("Size of the payload"),
  pieceLengthBytes: Count("Size of a piece"),
  fileCount: Count("Files in the payload"),
  state: TransferState,
  origins: Type.Array(Address, { description: "Hosts declared as sources" }),
  targets: Type.Array(Address, { description: "Hosts that should end up with the payload; empty: all that ask" }),
  registeredAt: Time("When the torrent was registered"),
  activatedAt: TimeOrNull("Last activation"),
  deactivatedAt: TimeOrNull("Last deactivation"),
  firstStartedAt: TimeOrNull("When the first client started"),
  lastStartedAt: TimeOrNull("When the last client so far started"),
  firstCompletedAt: TimeOrNull("When the first client became complete"),
  lastCompletedAt: TimeOrNull("When the last client so far became complete"),
  seeders: Count("Live complete clients, origins included"),
  leechers: Count("Live incomplete clients"),
  completions: Count("How often a client became complete"),
  progress: Progress("Mean over the targets, a missing one counting 0; without targets, over live hosts but origins"),
};

export const Transfer = Type.Object(transferFields, { $id: "Transfer", description: "A registered torrent" });

export const Rack = Type.Object(
  {
    rack: Type.String({ description: "The path joined by slashes" }),
    path: Path,
    hosts: Count("Live hosts (N)"),
    representatives: Count("Clients that stand for the rack (R)"),
    seeders: Count("Complete clients (S)"),
    progress: Progress("Mean over the rack's live hosts, origins left out unless there is nobody else"),
  },
  { $id: "Rack", description: "One rack of a swarm" },
);

const peerFields = {
  address: Address,
  path: Path,
  client: Type.String({ description: "Such as rtorrent/0.13.8, or unknown" }),
  role: Role,
  representedLevels: Count("0: member; 1: stands for its rack; the number of levels: stands globally"),
  active: Type.Boolean({ description: "Pulls from, or serves, outside at the moment" }),
  seeder: Type.Boolean(),
  left: Count("Bytes still to download"),
  downloaded: Count("Bytes, as the client reports them"),
  uploaded: Count("Bytes, as the client reports them"),
  downloadRate: Type.Number({ minimum: 0, description: "Bytes a second, from the last announces" }),
  firstSeenAt: Time("First announce"),
  lastSeenAt: Time("Last announce"),
  completedAt: TimeOrNull("When the tracker first heard that it was complete"),
  peerId: PeerIdHex,
};

export const Host = Type.Object(
  {
    ...peerFields,
    rack: Type.String({ description: "The path joined by slashes" }),
    progress: Progress("1 - left / size"),
  },
  { $id: "Host", description: "A live client on a host" },
);

export const TransferDetail = Type.Object(
  {
    ...transferFields,
    racks: Type.Array(reference(Rack)),
    hosts: Type.Array(reference(Host), { description: "In order of arrival" }),
    missingHosts: Type.Array(Address, { description: "Targets that no complete client is at" }),
    reports: Type.Array(reference(HostReport), {
      description: "Of each host the latest since the activation, in order of time",
    }),
  },
  { $id: "TransferDetail", description: "A transfer with its swarm" },
);

export const HostTransfer = Type.Object(
  {
    ...transferFields,
    current: Type.Boolean({
      description: "The release that the host should use: of its series, the one activated last",
    }),
    report: Type.Unsafe<Static<typeof HostReport> | null>({
      anyOf: [{ $ref: "HostReport#" }, { type: "null" }],
      description: "The host's latest since the activation",
    }),
  },
  { $id: "HostTransfer", description: "A transfer that a host should have" },
);

export const ExplainedPeer = Type.Object(
  {
    peer: Type.Object({
      ...peerFields,
      endpoints: Type.Array(Type.String(), { description: "address:port or [address]:port" }),
    }),
    summary: Type.String({ description: "What the client stands for and may do now" }),
    candidates: Type.Array(
      Type.Object({
        peerId: PeerIdHex,
        address: Address,
        path: Path,
        role: Role,
        handedOut: Type.Boolean({ description: "Would be handed out now" }),
        reason: Type.String({ description: "Why, or why not" }),
      }),
    ),
  },
  { $id: "ExplainedPeer", description: "Why a client gets the peers it gets" },
);

export const Traffic = Type.Object(
  {
    ...TRAFFIC_AMOUNTS,
    changedAt: TimeOrNull("The announce that added to it last"),
    racks: Type.Array(reference(RackTraffic)),
    users: Type.Array(reference(UserTraffic), { description: "By rack" }),
  },
  { $id: "Traffic", description: "What the clients of a transfer moved, in all, by rack and by user" },
);

export const ActivationRequest = Type.Object(
  {
    origins: Type.Optional(Type.Array(Type.String(), { maxItems: 10_000, description: "Hosts that are the sources" })),
    targets: Type.Optional(Type.Array(Type.String(), { maxItems: 100_000, description: "Hosts that should have it" })),
    renew: Type.Optional(
      Type.Boolean({
        description:
          "Of an active transfer, too, the activation is now: its release becomes the current one again, and what hosts reported before is out of date",
      }),
    ),
  },
  {
    $id: "Activation",
    additionalProperties: false,
    description: "A list that is given replaces the transfer's; one left out stays as it is",
  },
);

export const Ban = Type.Object(
  {
    kind: Type.Unsafe<BanKind>({ type: "string", enum: [...BAN_KINDS], description: "What the ban is of" }),
    value: Type.String({
      description:
        "The info-hash in lowercase hex, the range as address/length, or the start of the peer id with what is not printable as %0a",
    }),
    infoHash: Type.Unsafe<string | null>({
      type: ["string", "null"],
      description: "The value once more, of the kind info-hash",
    }),
    reason: Type.String({ description: "Told to the clients that are turned away" }),
    bannedAt: Time("When it was banned first"),
    source: Type.Unsafe<BanEntry["source"]>({
      type: "string",
      enum: ["api", "file"],
      description: "Who banned it: a control call, or the tracker's ban file, which alone lifts it",
    }),
  },
  { $id: "Ban", description: "Clients that are turned away" },
);

export const BanRequest = Type.Object(
  {
    reason: Type.String({
      minLength: 1,
      maxLength: LONGEST_REASON,
      description: "Told to the clients that are turned away",
    }),
  },
  { $id: "BanRequest", additionalProperties: false },
);

export const AuditEntry = Type.Object(
  {
    at: Time("When it was done"),
    action: Type.Unsafe<AuditAction>({ type: "string", enum: [...AUDIT_ACTIONS] }),
    infoHash: Type.Unsafe<string | null>({ type: ["string", "null"], description: "Lowercase hex" }),
    actor: Type.String({ description: "The address that the call came from" }),
    detail: Type.Record(Type.String(), Type.Unknown(), { description: "What was done; its fields go by the action" }),
  },
  { $id: "AuditEntry", description: "A change that a control call made" },
);

export const Readiness = Type.Object(
  {
    status: Type.Unsafe<"ready" | "unready">({ type: "string", enum: ["ready", "unready"] }),
    checks: Type.Record(Type.String(), Type.String(), { description: "`ok`, or what is wrong, by part" }),
  },
  { $id: "Readiness" },
);

export const Health = Type.Object(
  {
    status: Type.Unsafe<"ok">({ type: "string", enum: ["ok"] }),
    uptimeSeconds: Type.Integer(),
    connections: Type.Record(Type.String(), Type.Integer(), { description: "Those that stay open, by front end" }),
    faults: Type.Record(Type.String(), Type.Integer(), {
      description: "How often something malformed or refused came in, by kind, since the tracker started",
    }),
    accounting: Type.Unsafe<Static<typeof AccountingHealth> | null>({
      anyOf: [{ $ref: "AccountingHealth#" }, { type: "null" }],
      description: "Null: the tracker does not count what clients move (ACCOUNTING)",
    }),
  },
  { $id: "Health" },
);

const Problem = Type.Object(
  {
    type: Type.String({ description: "urn:rackcast:problem:<code>" }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String({ description: "Names the thing and the remedy" }),
    code: Type.String({ description: "Stable, for programs" }),
  },
  { $id: "Problem", description: "Problem details (RFC 9457)" },
);

/** All that the document names; a schema stands after those it refers to. */
export const NAMED_SCHEMAS: readonly TSchema[] = [
  Transfer,
  Rack,
  Host,
  HostReport,
  HostReportRequest,
  TransferDetail,
  HostTransfer,
  ExplainedPeer,
  RackTraffic,
  UserTraffic,
  Traffic,
  ResolverAnswer,
  Placement,
  ActivationRequest,
  Ban,
  BanRequest,
  AnnounceKey,
  IssuedAnnounceKey,
  KeyRotation,
  AuditEntry,
  Readiness,
  DeliveryHealth,
  AccountingHealth,
  Health,
  Problem,
];

/** Refers to a named schema, typed as what it describes. */
export function reference<Schema extends TSchema>(schema: Schema & { readonly $id?: string }) {
  return Type.Unsafe<Static<Schema>>({ $ref: `${schema.$id}#` });
}

export const InfoHashParameter = Type.Object({
  infoHash: Type.String({ pattern: "^[0-9a-fA-F]{40}$", description: "40 hex digits" }),
});

export const CidrParameter = Type.Object({
  address: Type.String({ description: "IPv4 or IPv6 address that the range begins with" }),
  length: Type.String({ description: "How many of its bits all addresses of the range share: 0 to 32, or to 128" }),
});

export const ClientParameter = Type.Object({
  prefix: Type.String({
    description: "The first 1 to 20 bytes of peer ids; once the path is decoded, %0a stands for a byte and %25 for %",
  }),
});

export const HostParameter = Type.Object({
  address: Type.String({
    description: "IPv4 or IPv6 address of the host, or self: the address that the call comes from",
  }),
});

export const AddressParameter = Type.Object({ address: Type.String({ description: "IPv4 or IPv6 address" }) });

export const PeerFilter = Type.Object(
  {
    role: Type.Optional(
      Type.Unsafe<Static<typeof Role> | "seeder" | "leecher">({
        type: "string",
        enum: ["origin", "representative", "member", "seeder", "leecher"],
      }),
    ),
    rack: Type.Optional(Type.String({ description: "The path joined by slashes" })),
  },
  { additionalProperties: false },
);

export const TrafficFilter = Type.Object(
  { rack: Type.Optional(Type.String({ description: "That rack alone; the path joined by slashes" })) },
  { additionalProperties: false },
);

/** A query's values are text. */
export const AuditFilter = Type.Object(
  {
    limit: Type.Optional(
      Type.String({ pattern: "^([1-9][0-9]{0,2}|1000)$", description: "1 to 1000 entries; 100 when left out" }),
    ),
  },
  { additionalProperties: false },
);

/** A response in JSON. */
export function answer<Schema extends TSchema>(description: string, schema: Schema) {
  return { description, content: { "application/json": { schema } } };
}

export const TORRENT_TYPE = "application/x-bittorrent";
/** The bytes of a .torrent, as a body or a response. */
export const torrentBody = { [TORRENT_TYPE]: { schema: Type.Unsafe<unknown>({ type: "string", format: "binary" }) } };

export const TEXT_TYPE = "text/plain";
export const MANIFEST = {
  description: "Lines of sha256sum after a comment, with paths relative to the folder that holds the release",
  content: { [TEXT_TYPE]: { schema: Type.Unsafe<unknown>({ type: "string" }) } },
};
export const SIGNATURE_TYPE = "application/octet-stream";
export const SIGNATURE = {
  description: "Ed25519 over the manifest's bytes: 64 bytes",
  content: { [SIGNATURE_TYPE]: { schema: Type.Unsafe<unknown>({ type: "string", format: "binary" }) } },
};

const problem = { "application/problem+json": { schema: reference(Problem) } };
/** What every control call may be refused with. */
export const REFUSALS = {
  "4XX": { description: "Refused", content: problem },
  "5XX": { description: "Failed", content: problem },
} as const;
