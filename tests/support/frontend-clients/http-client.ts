// The tracker protocol over HTTP as a client speaks it (BEP 3, 7, 23, 48), each peer from an address of its own.
import { once } from "node:events";
import { get, type IncomingMessage, type RequestOptions } from "node:http";
import { get as getByTls } from "node:https";
import { buffer } from "node:stream/consumers";
import oracle from "bencode";
import {
  compactEndpoints,
  endpointText,
  type FrontendClient,
  type StoryAnnounce,
  type StoryReply,
} from "./frontend-client.ts";

export interface HttpClientOptions {
  /** Of the tracker; IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  readonly compact: boolean;
  /** In PEM; speaks TLS, and wants a certificate of this authority. */
  readonly ca?: string;
  /** More of every announce's query, such as `&ipv6=fd00::1`. */
  readonly claims?: string;
  readonly announceKey?: string | undefined;
  /** More of every request, such as headers, or an agent that keeps connections. */
  readonly request?: RequestOptions;
}

/** A bencoded dictionary with strings as bytes. */
export type BencodedFields = Readonly<Record<string, unknown>>;

type DictionaryPeer = { readonly ip: Uint8Array; readonly port: number };

export function createHttpClient(options: HttpClientOptions): FrontendClient {
  const { compact, claims = "", announceKey } = options;
  const announcePath = announceKey === undefined ? "/announce" : `/announce/${announceKey}`;
  return {
    nameOf: (peer) => endpointText(peer.host, peer.port),
    async announce(announce) {
      const path = `${announcePath}?${announceQuery(announce)}&compact=${compact ? 1 : 0}${claims}`;
      return replyOf(await getBencoded(options, path, announce.peer.host), compact);
    },
    async scrape(infoHash) {
      const path = `/scrape?info_hash=${percentEncoded(infoHash)}`;
      const { files } = await getBencoded(options, path);
      const [file] = Object.values(files as Record<string, Record<string, number>>);
      if (file === undefined) return undefined;
      return { complete: file["complete"]!, incomplete: file["incomplete"]!, completions: file["downloaded"]! };
    },
    close: async () => {},
  };
}

/** Without `compact`, so that more can be said. */
function announceQuery({ infoHash, peer, left, event, numwant }: StoryAnnounce): string {
  const ids = `info_hash=${percentEncoded(infoHash)}&peer_id=${peer.peerId}&port=${peer.port}`;
  const key = peer.key.toString(16).padStart(8, "0").toUpperCase();
  const amounts = `uploaded=0&downloaded=0&left=${left}&key=${key}`;
  const wants = numwant === undefined ? "" : `&numwant=${numwant}`;
  return `${ids}&${amounts}${event === "none" ? "" : `&event=${event}`}${wants}`;
}

/** Rejects when the answer is no bencode. */
async function getBencoded(
  { host, port, ca, request }: HttpClientOptions,
  path: string,
  from?: string,
): Promise<BencodedFields> {
  const place = { host, port, path, agent: false, ...request, ...(from !== undefined && { localAddress: from }) };
  const outgoing = ca === undefined ? get(place) : getByTls({ ...place, ca });
  const [response] = (await once(outgoing, "response")) as [IncomingMessage];
  return oracle.decode(await buffer(response)) as unknown as BencodedFields;
}

function bencodedText(bytes: unknown): string {
  return Buffer.from((bytes ?? []) as Uint8Array).toString("utf8");
}

function percentEncoded(hex: string): string {
  return hex.replace(/../g, "%$&");
}

function replyOf(fields: BencodedFields, compact: boolean): StoryReply {
  if ("failure reason" in fields) return { kind: "failure", reason: bencodedText(fields["failure reason"]) };
  const peers = compact ? compactPeers(fields) : dictionaryPeers(fields);
  return {
    kind: "peers",
    peers: peers.toSorted(),
    complete: fields["complete"] as number,
    incomplete: fields["incomplete"] as number,
    intervalSeconds: fields["interval"] as number,
  };
}

function compactPeers(fields: BencodedFields): string[] {
  const of = (name: string) => (fields[name] ?? new Uint8Array()) as Uint8Array;
  return [...compactEndpoints(of("peers"), 4), ...compactEndpoints(of("peers6"), 16)];
}

function dictionaryPeers(fields: BencodedFields): string[] {
  return (fields["peers"] as DictionaryPeer[]).map(({ ip, port }) => endpointText(bencodedText(ip), port));
}
