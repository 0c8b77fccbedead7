// Every setting of the tracker: one schema that flags, environment, YAML file, help and documentation are made from.
import { Type, type Static, type TSchema } from "typebox";

const LEVEL_NAME = "^[a-z][a-z0-9_-]*$";
const seconds = (minimum: number, maximum: number, fallback: number, description: string) =>
  Type.Number({ minimum, maximum, default: fallback, description });
const count = (maximum: number, fallback: number, description: string) =>
  Type.Integer({ minimum: 1, maximum, default: fallback, description });
const perLevel = (example: string, description: string) =>
  Type.Record(Type.String({ pattern: LEVEL_NAME }), Type.Integer({ minimum: 1, maximum: 1000 }), {
    additionalProperties: false,
    default: {},
    examples: [example],
    description,
  });
const mbits = (link: string) =>
  Type.Number({
    minimum: 0,
    maximum: 1_000_000,
    default: 0,
    description: `Mbit/s that BitTorrent may use of ${link}; 0 leaves it to be assumed. The three are given together: with them one copy is passed on through rack and datacenter without holding a mate back, and no more racks than it can feed pull from an origin.`,
  });
const secret = (description: string) => Type.String({ default: "", description });
const structured = { structured: true };
const addresses = (example: string, description: string) =>
  Type.Array(Type.String({ minLength: 1 }), { default: [], examples: [example], description });
const ranges = (description: string) =>
  Type.Array(Type.String({ minLength: 1 }), { default: [], examples: ["10.0.0.0/8,fd00::/8"], description });

/** Names are those of the environment and of the YAML file; a flag is its name in kebab case. */
export const SettingsSchema = Type.Object({
  HOST: Type.String({
    minLength: 1,
    default: "::",
    description:
      "Address to listen on. `::` takes IPv4 and IPv6; where IPv6 is switched off it falls back to `0.0.0.0` by itself.",
  }),
  PORT: Type.Integer({
    minimum: 0,
    maximum: 65535,
    default: 6969,
    description: "TCP port to listen on; 0 takes a free one and prints it.",
  }),
  UDP_PORT: Type.String({
    pattern: "^(same|off|[0-9]{1,5})$",
    default: "same",
    examples: ["6969"],
    description: "UDP port to listen on: `same` is the number of `PORT`, `off` is none, and 0 takes a free one.",
  }),
  UDP_SOCKET: Type.Enum(["auto", "batched", "dgram"], {
    default: "auto",
    description:
      "How UDP is read and sent: `batched` is many datagrams a system call (64-bit Linux), `dgram` one a call, and `auto` the first where it works.",
  }),
  UDP_CONNECTION_CHECK: Type.Enum(["strict", "tolerant"], {
    default: "strict",
    description:
      "How old a connection id of UDP may be: two minutes, or half an hour for clients that keep theirs too long. It counts for the address it was given to alone.",
  }),
  UDP_SECRET: secret(
    "What connection ids of UDP are made from: the same text on trackers that share an address. Empty: a secret of its own at every start.",
  ),
  TLS_PORT: Type.Integer({
    minimum: 0,
    maximum: 65535,
    default: 0,
    examples: ["6970"],
    description:
      "TCP port that answers the same over TLS (`https` announces and control calls, `wss`), beside `PORT`; 0 is no TLS. Needs `TLS_CERT` and `TLS_KEY`.",
  }),
  TLS_CERT: Type.String({
    default: "",
    examples: ["/etc/rackcast/tls/fullchain.pem"],
    description:
      "File in PEM with the tracker's certificate, followed by those between it and its authority; read again on SIGHUP.",
  }),
  TLS_KEY: Type.String({
    default: "",
    examples: ["/etc/rackcast/tls/key.pem"],
    description: "File in PEM with the certificate's key, without a passphrase; read again on SIGHUP.",
  }),
  DATA_DIR: Type.String({
    minLength: 1,
    default: "",
    description:
      "Folder that transfers and swarms outlive the process in; made when it is not there, used by one tracker at a time. Default: the first folder of `$STATE_DIRECTORY` (systemd), else `./rackcast-data`.",
  }),
  TOPOLOGY_FILE: Type.String({
    default: "",
    examples: ["/etc/rackcast/topology.txt"],
    description: "File that says which addresses are in which rack; read again when it changes and on SIGHUP.",
  }),
  SMDB_URL: Type.String({
    default: "",
    examples: ["https://smdb.example"],
    description:
      "Server-management service that is asked where an address is: short for a definition of type `rest` with this `url`, between `TOPOLOGY_FILE` and `RESOLVERS`.",
  }),
  RESOLVERS: Type.Array(Type.Unknown(), {
    ...structured,
    default: [],
    examples: ["[{type: subnet, prefixes: {10.77.1.0/24: rack1}}]"],
    description:
      "Who is asked where an address is, one after the other until one knows: a list of definitions, each with its `type` and the settings of that (ops/docs/topology.md). `TOPOLOGY_FILE` and `SMDB_URL` are asked before them.",
  }),
  LEVELS: Type.Array(Type.String({ pattern: LEVEL_NAME }), {
    minItems: 1,
    maxItems: 8,
    default: ["rack"],
    examples: ["dc,row,rack"],
    description: "Names of the levels of the topology, outermost first. The last one is the rack.",
  }),
  MAX_REPR: perLevel(
    "dc:4,row:2,rack:2",
    "How many hosts of a group of each level may represent it in the next wider group. A wider level that is not named has 2; the rack has `MAX_REPR_RACK`.",
  ),
  ACTIVE_REPR: perLevel(
    "dc:2,row:1,rack:1",
    "How many of those pull from outside at a time. A wider level that is not named has 1; the rack has `ACTIVE_REPR_RACK`.",
  ),
  MAX_REPR_RACK: count(1000, 2, "How many hosts of a rack may join the swarm beyond it."),
  ACTIVE_REPR_RACK: count(1000, 1, "How many of those pull from outside at a time; the others stand by."),
  ACTIVE_INTERVAL: Type.Integer({
    minimum: 5,
    maximum: 3600,
    default: 15,
    description: "Seconds between announces that clients of an active transfer are told, ± 10 %.",
  }),
  PASSIVE_INTERVAL: Type.Integer({
    minimum: 5,
    maximum: 86400,
    default: 300,
    description: "Seconds between announces that clients of a transfer that is not active are told, ± 10 %.",
  }),
  ANNOUNCE_EVERY: seconds(
    2,
    3600,
    2,
    "Seconds between announces of an incomplete client with the rendered configuration; must say what the hosts' configuration says.",
  ),
  MAXPEERS: count(1000, 50, "Most peers in one answer."),
  INTRODUCTION: Type.Enum(["auto", "plain", "late", "fan"], {
    default: "auto",
    description: "When two peers may meet: `auto` goes by their clients, the others force one rule for all.",
  }),
  UPLINK_MBITS: mbits("the slowest link on the way into a rack, most often its uplink"),
  ACCESS_MBITS: mbits("a host's link to its rack"),
  ORIGIN_MBITS: mbits("an origin's link"),
  UNKNOWN_RACK: Type.Enum(["shared", "own", "refuse"], {
    default: "shared",
    description:
      "Where a host stands whose rack is not known: all such hosts but origins in one rack `unknown`, each in a rack of its own, or nowhere.",
  }),
  INACTIVE_REPLY: Type.Enum(["auto", "failure", "empty"], {
    default: "auto",
    description:
      "What an announce for a transfer that is not active gets: a failure, an answer without peers, or by `auto` what lets its client come back soonest.",
  }),
  TOPOLOGY_TTL: seconds(
    0,
    86400,
    300,
    "Seconds that a known place is kept before it is asked for again; a resolver's own `ttl` wins.",
  ),
  TOPOLOGY_NEGATIVE_TTL: seconds(
    0,
    86400,
    30,
    "Seconds that an unknown place is kept before it is asked for again; a resolver's own `negative_ttl` wins.",
  ),
  TOPOLOGY_TIMEOUT: seconds(
    0.05,
    30,
    1,
    "Most seconds that an announce waits for its place to be found, over all resolvers; lookups go on beyond it.",
  ),
  TOPOLOGY_PATIENCE: seconds(
    0,
    600,
    10,
    "Most seconds that an rtorrent is told of nobody while resolvers are late or fail to say where its host is, before the host counts as unknown. It asks again every `ANNOUNCE_EVERY`; 0 does not wait.",
  ),
  PROXYPASS: Type.Boolean({
    default: false,
    description:
      "Take clients' addresses from X-Forwarded-For. Without `TRUSTED_PROXIES`, a proxy on this machine is trusted.",
  }),
  TRUSTED_PROXIES: ranges("Address ranges of the proxies whose word on clients' addresses counts."),
  ALLOW_CIDRS: ranges("Address ranges of the hosts that may announce and scrape. Empty: all."),
  ANNOUNCE_KEYS: Type.Enum(["off", "optional", "required"], {
    default: "off",
    description:
      "Whether announces bring a key, in the path `/announce/<key>`, by which they are counted for the user it was issued to: `off` does not look at it, `optional` refuses unknown keys and counts hosts without one by their address, `required` refuses those too.",
  }),
  BAN_FILE: Type.String({
    default: "",
    examples: ["/etc/rackcast/bans.txt"],
    description:
      "File with bans beside those made by control calls: lines such as `info-hash <40 hex digits> <reason>`, `cidr 10.1.0.0/16 <reason>` and `client -XL <reason>`, and `#` before comments. Read again when it changes and on SIGHUP; one with faults is refused whole, and the bans before stay.",
  }),
  API_TOKEN: Type.String({
    pattern: "^[\\x21-\\x7e]*$",
    default: "",
    description:
      "Bearer token that control calls must bring. Empty: control calls are answered to this machine only, without one.",
  }),
  LIVE: Type.Boolean({
    default: true,
    description: "Serve the live channel at `/live`: peers announce and subscribe over WebSocket (ops/docs/live.md).",
  }),
  LIVE_MAX_HASHES: count(
    1_000_000,
    10_000,
    "Most info-hashes that one connection of the live channel may announce, and as many that it may subscribe to.",
  ),
  LIVE_MAX_CONNECTIONS: count(1_000_000, 20_000, "Most connections of the live channel at a time."),
  LIVE_MAX_CONNECTIONS_PER_HOST: count(1_000_000, 1_000, "Most of them from one address."),
  RUN_AS: Type.String({
    pattern: "^([A-Za-z0-9_][A-Za-z0-9_.-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?)?$",
    default: "",
    examples: ["rackcast:rackcast"],
    description:
      "User, or user:group, that a tracker started as root becomes once its ports are open; each a name or a number. Its files are opened as that user, so the data folder must be that user's; a key for TLS may be root's, but is read again only if that user may read it. Empty: it stays who it is.",
  }),
  PEERJS: Type.Boolean({
    default: false,
    description:
      "Serve PeerJS at `/peerjs`, by which browsers that found each other by the live channel connect to each other.",
  }),
  SNAPSHOT_EVERY: seconds(
    0.1,
    3600,
    5,
    "Seconds between snapshots of the swarms; longer by itself where they would take more than 5 % of the time.",
  ),
  WEBTORRENT: Type.Boolean({
    default: true,
    description:
      "Serve WebTorrent clients (browsers) over WebSockets at `/`, `/announce` and `/announce/<key>` of the same port.",
  }),
  WEBTORRENT_INTERVAL: Type.Integer({
    minimum: 5,
    maximum: 120,
    default: 30,
    description:
      "Seconds between announces that WebTorrent clients are told, ± 10 %; each brings new offers to connect.",
  }),
  WS_MAX_CONNECTIONS: count(1_000_000, 20_000, "Most WebTorrent clients that are connected at a time."),
  WS_MAX_CONNECTIONS_PER_ADDRESS: count(
    1_000_000,
    200,
    "Most of them from one address; a proxy that is not in `TRUSTED_PROXIES` is one address.",
  ),
  WS_MAX_MESSAGE_BYTES: Type.Integer({
    minimum: 1024,
    maximum: 1_048_576,
    default: 65_536,
    description: "Longest message of a WebTorrent client; a longer one ends its connection.",
  }),
  WS_MAX_OFFERS: count(100, 10, "Most offers to connect of one announce that are passed on; the others are left out."),
  WS_MAX_HASHES: count(10_000, 100, "Most torrents that one WebTorrent connection announces, or one scrape asks for."),
  WS_MESSAGES_PER_SECOND: count(
    100_000,
    50,
    "Messages and offers a second that a WebTorrent connection may send in the long run, and four times as many at once; one that sends more is ended.",
  ),
  STORE: Type.Enum(["memory", "redis"], {
    default: "memory",
    description:
      "Where swarms and transfers are kept: in the memory and the data folder of this one tracker, or in a Redis (6.2 or later) that any number of trackers share. `redis` needs exactly one of `REDIS_URL`, `REDIS_SENTINELS` and `REDIS_CLUSTER`.",
  }),
  REDIS_URL: Type.String({
    default: "",
    examples: ["redis://10.0.0.5:6379/0"],
    description:
      "A single Redis, as `redis://user:password@host:port/database`; `rediss://` speaks TLS. What is special in a password is percent-encoded there, or the password is given by `REDIS_PASSWORD`.",
  }),
  REDISHOST: Type.String({
    default: "",
    examples: ["10.0.0.5"],
    description:
      "Short for `REDIS_URL`, together with `REDISPORT`: the host of a single Redis; without it, this machine.",
  }),
  REDISPORT: Type.Integer({
    minimum: 1,
    maximum: 65535,
    default: 6379,
    description: "Short for `REDIS_URL`, together with `REDISHOST`: the port of a single Redis.",
  }),
  REDIS_SENTINELS: addresses(
    "10.0.0.5:26379,10.0.0.6:26379,10.0.0.7:26379",
    "The Sentinels that know which Redis is the master, and make another one the master when it dies.",
  ),
  REDIS_MASTER_NAME: Type.String({
    minLength: 1,
    default: "mymaster",
    description: "What the Sentinels call the master.",
  }),
  REDIS_SENTINEL_PASSWORD: secret("Password of the Sentinels, where they ask for one."),
  REDIS_CLUSTER: addresses(
    "10.0.0.5:6379,10.0.0.6:6379,10.0.0.7:6379",
    "Some nodes of a Redis Cluster, which tell of the others.",
  ),
  REDIS_USERNAME: Type.String({ default: "", description: "User of Redis (ACL). Empty: its default user." }),
  REDIS_PASSWORD: secret("Password of Redis, where it asks for one."),
  REDIS_TLS: Type.Boolean({
    default: false,
    description: "Speak TLS to Redis and its Sentinels; a `rediss://` address does by itself.",
  }),
  REDIS_TLS_CA: Type.String({
    default: "",
    examples: ["/etc/rackcast/redis-ca.pem"],
    description:
      "File in PEM with the authority that signed the certificates of Redis. Empty: the authorities that Node.js knows.",
  }),
  ARCHIVE_DAYS: Type.Number({
    minimum: 0.001,
    maximum: 3650,
    default: 30,
    description: "Days that Redis keeps the swarm of a deactivated transfer.",
  }),
  ACCOUNTING: Type.Boolean({
    default: false,
    description:
      "Count what every client uploads and downloads, by transfer, rack and host, exactly and durably; see `ops/docs/accounting.md`.",
  }),
  LINK_MBITS: Type.Number({
    minimum: 1,
    maximum: 10_000_000,
    default: 100_000,
    description:
      "Mbit/s of the fastest link of a host. A client that says it moved more than that carries since its last announce is not believed: nothing is counted, and the delta is flagged.",
  }),
  ACCOUNTING_MAX_PENDING: Type.Integer({
    minimum: 1024,
    maximum: 100_000_000,
    default: 1_000_000,
    description:
      "Most deltas that wait for the sink, about 400 bytes each. While so many wait nothing is lost: clients are told to announce every `PASSIVE_INTERVAL`, and what they move is held back with what is known of them.",
  }),
  ACCOUNTING_TOTALS_DAYS: Type.Number({
    minimum: 0.001,
    maximum: 3650,
    default: 90,
    description: "Days that the totals of a transfer are kept after they changed last.",
  }),
  ACCOUNTING_SINK: Type.String({
    default: "",
    examples: ["/var/log/rackcast/deltas.ndjson?rotate=100MiB&keep=10"],
    description:
      "Where deltas are handed to: a file (its absolute path, or `file:///…`), a Redis stream (`redis://host:6379/0?stream=rackcast:deltas`), a webhook (`https://…`) or PostgreSQL (`postgres://user@host/database?table=rackcast_deltas`); ops/docs/accounting.md has their options. Empty: nowhere; totals are counted all the same.",
  }),
  ACCOUNTING_SINK_SECRET: secret(
    "What a webhook is signed with, as Standard Webhooks writes it: `whsec_` and 24 to 64 bytes in base64, such as `openssl rand -base64 32` prints. A second one after a space signs too, so that a receiver can change from one to the other.",
  ),
  DEBUG: Type.Boolean({ default: false, description: "Log every announce." }),
});

export type Settings = Static<typeof SettingsSchema>;
export type SettingName = keyof Settings;

export interface SettingSchema extends TSchema {
  readonly type?: string;
  readonly description: string;
  readonly default: unknown;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly examples?: readonly string[];
  /** A list of mappings, which is written as YAML in the environment and in flags too. */
  readonly structured?: boolean;
}

export const SETTINGS = new Map(Object.entries(SettingsSchema.properties) as unknown as [SettingName, SettingSchema][]);

export function flagOf(name: SettingName): string {
  return `--${name.toLowerCase().replaceAll("_", "-")}`;
}

export function findSetting(name: string): SettingName | undefined {
  return SETTINGS.has(name as SettingName) ? (name as SettingName) : undefined;
}
