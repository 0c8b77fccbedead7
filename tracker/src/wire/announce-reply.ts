// The answers to an HTTP announce: compact (BEP 7, 23), as dictionaries (BEP 3), and failures (BEP 31).
import type { Handout, HandoutPeer, SwarmCounts } from "../swarm/announce.ts";
import { type CompactEndpoint, type HostAddress, hostOf, portOf } from "../swarm/identifiers.ts";
import { printBytes, printText } from "./bencode.ts";
import type { ByteWriter } from "./byte-writer.ts";
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

const V4_BYTES = 4;
const COMPLETE = Buffer.from("d8:completei");
const EXTERNAL_V4 = Buffer.from("e11:external ip4:");
const EXTERNAL_V6 = Buffer.from("e11:external ip16:");
const INCOMPLETE = Buffer.from("10:incompletei");
const INTERVAL = Buffer.from("e8:intervali");
const MIN_INTERVAL = Buffer.from("e12:min intervali");
const PEERS = Buffer.from("e5:peers");
const PEERS6 = Buffer.from("6:peers6");
const COLON = Buffer.from(":");
const END = Buffer.from("e");

/** `peers` is always there, `peers6` when it would hold something. Keys stand in bencode's order. */
export function writeAnnounceReply(out: ByteWriter, reply: AnnounceReply, form: ReplyForm): void {
  const { counts, warning, handout } = reply;
  const { externalAddress } = form;
  out.constant(COMPLETE);
  out.natural(counts.complete);
  out.constant(externalAddress.length === V4_BYTES ? EXTERNAL_V4 : EXTERNAL_V6);
  out.latin1(externalAddress);
  out.constant(INCOMPLETE);
  out.natural(counts.incomplete);
  out.constant(INTERVAL);
  out.natural(reply.intervalSeconds);
  out.constant(MIN_INTERVAL);
  out.natural(reply.minIntervalSeconds);
  if (form.compact) writeCompactPeers(out, handout);
  else out.latin1(`e5:peers${peerDictionaries(handout.peers(), form.noPeerId)}`);
  if (warning !== undefined) out.latin1(`15:warning message${printText(warning)}`);
  out.constant(END);
}

/** `retryInMinutes` (BEP 31) is for clients that would otherwise sit out half an hour. */
export function writeFailure(out: ByteWriter, reason: string, retryInMinutes?: number): void {
  const retry = retryInMinutes === undefined ? "" : `8:retry ini${retryInMinutes}e`;
  out.latin1(`d14:failure reason${printText(reason)}${retry}e`);
}

function writeCompactPeers(out: ByteWriter, { v4, v4Length, v6, v6Length }: Handout): void {
  out.constant(PEERS);
  out.natural(v4Length);
  out.constant(COLON);
  out.copy(v4, v4Length);
  if (v6Length === 0) return;
  out.constant(PEERS6);
  out.natural(v6Length);
  out.constant(COLON);
  out.copy(v6, v6Length);
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
