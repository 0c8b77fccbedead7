// The answers to an HTTP announce: compact (BEP 7, 23), as dictionaries (BEP 3), and failures (BEP 31).
import type { Handout, HandoutPeer, SwarmCounts } from "../swarm/announce.ts";
import { type CompactEndpoint, type HostAddress, hostOf, portOf } from "../swarm/identifiers.ts";
import { printBytes, printText } from "./bencode.ts";
import { hostAddressText } from "./compact-address.ts";

export interface AnnounceReply {
  readonly intervalSeconds: number;
  /** Always printed: without it libtorrent asks again after ten minutes only. */
  readonly minIntervalSeconds: number;
  readonly handout: Handout;
  readonly counts: SwarmCounts;
  readonly warning: string | undefined;
}

export interface ReplyForm {
  readonly compact: boolean;
  /** Leaves peer ids out of the dictionary form. */
  readonly noPeerId: boolean;
  /** Where the announce came from (BEP 24). */
  readonly externalAddress: HostAddress;
}

/** `peers` is always there, `peers6` when it would hold something. Keys stand in bencode's order. */
export function printAnnounceReply(reply: AnnounceReply, form: ReplyForm): Buffer {
  const { counts, warning } = reply;
  const peers = form.compact
    ? compactPeers(reply.handout)
    : `5:peers${peerDictionaries(reply.handout.peers(), form.noPeerId)}`;
  const head =
    `d8:completei${counts.complete}e11:external ip${printBytes(form.externalAddress)}` +
    `10:incompletei${counts.incomplete}e8:intervali${reply.intervalSeconds}e` +
    `12:min intervali${reply.minIntervalSeconds}e`;
  const tail = warning === undefined ? "e" : `15:warning message${printText(warning)}e`;
  return Buffer.from(head + peers + tail, "latin1");
}

/** `retryInMinutes` (BEP 31) is for clients that would otherwise sit out half an hour. */
export function printFailure(reason: string, retryInMinutes?: number): Buffer {
  const retry = retryInMinutes === undefined ? "" : `8:retry ini${retryInMinutes}e`;
  return Buffer.from(`d14:failure reason${printText(reason)}${retry}e`, "latin1");
}

function compactPeers({ v4, v4Length, v6, v6Length }: Handout): string {
  const only4 = `5:peers${printBytes(latin1(v4, v4Length))}`;
  return v6Length === 0 ? only4 : `${only4}6:peers6${printBytes(latin1(v6, v6Length))}`;
}

function latin1(bytes: Uint8Array, length: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, length).toString("latin1");
}

/** A peer of both families stands there twice, once with each address. */
function peerDictionaries(peers: readonly HandoutPeer[], noPeerId: boolean): string {
  let list = "l";
  for (const peer of peers) {
    const id = noPeerId ? "" : `7:peer id${printBytes(peer.peerId)}`;
    if (peer.v4 !== undefined) list += peerDictionary(peer.v4, id);
    if (peer.v6 !== undefined) list += peerDictionary(peer.v6, id);
  }
  return `${list}e`;
}

function peerDictionary(endpoint: CompactEndpoint, peerId: string): string {
  return `d2:ip${printBytes(hostAddressText(hostOf(endpoint)))}${peerId}4:porti${portOf(endpoint)}ee`;
}
