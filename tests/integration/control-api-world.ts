// The REST API over a real registry and a real store, with torrents to publish and peers to announce.
import { createChain } from "../../smdb-adapter/src/chain.ts";
import { createLocalLink } from "../../smdb-adapter/src/local-link.ts";
import { createSubnetResolver } from "../../smdb-adapter/src/resolvers/subnet.ts";
import { createApi } from "../../tracker/src/api/api.ts";
import type { ApiParts } from "../../tracker/src/api/api-parts.ts";
import { createSenderCheck } from "../../tracker/src/frontends/sender-check.ts";
import { openSqliteRegistry } from "../../tracker/src/registry/sqlite-registry.ts";
import { createMemoryStore } from "../../tracker/src/store/memory-store.ts";
import { compactEndpoint, type InfoHash, type PeerId } from "../../tracker/src/swarm/identifiers.ts";
import { DEFAULT_POLICY } from "../../tracker/src/swarm/policy.ts";
import { type Encodable, encodeBencode } from "../../tracker/src/wire/bencode.ts";
import { hostAddressText, parseHostAddress } from "../../tracker/src/wire/compact-address.ts";
import { parseTorrentFile } from "../../tracker/src/wire/torrent-file.ts";
import type { Announce } from "../../tracker/src/swarm/announce.ts";

export const PAYLOAD = 40_000;
export const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);

type Method = "GET" | "POST" | "PUT" | "DELETE";
type Call = (method: Method, url: string, said?: Said) => Promise<Answer>;

export interface Said {
  readonly body?: unknown;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly from?: string;
}

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly raw: Buffer;
  /** Undefined when it is no JSON. */
  readonly json: unknown;
}

export interface World {
  readonly call: Call;
  readonly parts: ApiParts;
  readonly logged: { level: string; details: Record<string, unknown>; message: string }[];
  publish(torrent: Torrent, said?: Said): Promise<Answer>;
  announce(torrent: Torrent, host: string, left: number, more?: Partial<Announce>): Promise<void>;
  close(): Promise<void>;
}

export function startWorld(change: Partial<ApiParts> = {}): World {
  const logged: World["logged"] = [];
  const log = (level: string) => (details: object, message: string) =>
    void logged.push({ level, details: details as Record<string, unknown>, message });
  const racks = ["1", "2"].map((rack) => ({ prefix: `10.0.${rack}.0/24`, path: `rack${rack}`, source: "here" }));
  const subnet = createLocalLink(createSubnetResolver({ prefixes: racks }));
  const parts: ApiParts = {
    registry: openSqliteRegistry(":memory:"),
    store: createMemoryStore({ policy: DEFAULT_POLICY, random: Math.random, addressText: hostAddressText }, NOW),
    topology: createChain([subnet], { waitMs: 1000, now: () => NOW }),
    onActivated: () => {},
    onHostReport: () => {},
    callerOf: createSenderCheck({ trustedProxies: [], proxyPass: false, allowCidrs: [] }),
    accounting: undefined,
    policy: DEFAULT_POLICY,
    settings: { apiToken: undefined, unknownRack: "shared" },
    checks: {},
    health: { uptimeSeconds: () => 61.5, connections: () => ({ webtorrent: 3 }), faults: () => new Map() },
    metrics: { contentType: "text/plain; version=0.0.4", print: async () => "up 1\n" },
    now: () => NOW,
    log: { error: log("error"), warn: log("warn"), info: log("info") },
    ...change,
  };
  const api = createApi(parts);

  async function call(method: Method, url: string, said: Said = {}): Promise<Answer> {
    const isBytes = said.body instanceof Uint8Array || typeof said.body === "string";
    const payload = said.body === undefined || isBytes ? said.body : JSON.stringify(said.body);
    const type = said.type ?? (said.body === undefined || isBytes ? undefined : "application/json");
    const response = await api.inject({
      method,
      url,
      remoteAddress: said.from ?? "127.0.0.1",
      headers: { ...(type && { "content-type": type }), ...said.headers },
      ...(payload !== undefined && { payload: payload as string | Buffer }),
    });
    const answerType = String(response.headers["content-type"] ?? "").split(";", 1)[0] ?? "";
    return {
      status: response.statusCode,
      type: answerType,
      headers: response.headers,
      raw: response.rawPayload,
      json: answerType.endsWith("json") ? JSON.parse(response.body) : undefined,
    };
  }

  return {
    call,
    parts,
    logged,
    publish: (torrent, said) =>
      call("POST", "/transfers", { type: "application/x-bittorrent", body: torrent.bytes, ...said }),
    async announce({ infoHash }, host, left, more = {}) {
      const announce = peer(host, left, more);
      const origins = new Set((parts.registry.lookup(infoHash)?.origins ?? []).map(parseHostAddress));
      const terms = { lengthBytes: PAYLOAD, pieceLengthBytes: 16384, origins };
      await parts.store.announce({ infoHash, announce, terms, now: NOW });
    },
    async close() {
      await api.close();
      await parts.registry.close();
    },
  };
}

/** A client on a host of `10.0.<rack>.0/24`, whose peer id is made from its address. */
function peer(host: string, left: number, more: Partial<Announce>): Announce {
  return {
    peerId: `-LT2080-${host.padEnd(12, "-").slice(0, 12)}` as PeerId,
    key: "",
    endpoint: compactEndpoint(parseHostAddress(host), 6881),
    otherEndpoint: undefined,
    reach: "any",
    path: [`rack${host.split(".")[2]}`],
    event: "none",
    left,
    uploaded: 0,
    downloaded: PAYLOAD - left,
    numwant: undefined,
    ...more,
  };
}

export interface Torrent {
  readonly infoHash: InfoHash;
  readonly bytes: Buffer;
}

/** `more` is beside its info dictionary. */
export function torrent(name: string, filler = 1, isPrivate = 1, more: Record<string, Encodable> = {}): Torrent {
  const pieces = Buffer.alloc(Math.ceil(PAYLOAD / 16384) * 20, filler);
  const info = { name, length: PAYLOAD, "piece length": 16384, pieces, private: isPrivate };
  const bytes = Buffer.from(encodeBencode({ announce: "http://10.0.0.1/announce", info, ...more }));
  const infoHash = isPrivate === 1 ? parseTorrentFile(bytes).infoHash : ("" as InfoHash);
  return { infoHash, bytes };
}
