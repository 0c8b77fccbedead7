// The fields of a UDP announce (BEP 15) and of its reply.
import type { AnnounceEvent, Handout, SwarmCounts } from "../swarm/announce.ts";
import { ANNOUNCE, ANNOUNCE_REPLY_HEAD_BYTES, type PacketMemory, UDP_ANNOUNCE } from "./udp-packets.ts";

/** What a UDP announce says beside its ids; read in place of what it said before. */
export interface UdpAnnounce {
  downloaded: number;
  left: number;
  uploaded: number;
  event: AnnounceEvent;
  /** Negative when the client leaves it to the tracker. */
  numwant: number;
  /** 1 to 65535. */
  port: number;
}

/** The last is BEP 21, as libtorrent-rasterbar numbers it. */
const EVENTS: readonly AnnounceEvent[] = ["none", "completed", "started", "stopped", "paused"];
const TWO_TO_32 = 0x1_0000_0000;
const MAX_HIGH = 0x1f_ffff;

export function createUdpAnnounce(): UdpAnnounce {
  return { downloaded: 0, left: 0, uploaded: 0, event: "none", numwant: 0, port: 0 };
}

/** Reads the announce at `at`, of 98 bytes at least. Gives what is wrong with it, if anything is, for its client to read. */
export function readUdpAnnounce(view: DataView, at: number, announce: UdpAnnounce): string | undefined {
  const event = EVENTS[view.getUint32(at + ANNOUNCE.event)];
  if (event === undefined) return "event is unknown; expected 0 to 4";
  const high = view.getUint32(at + ANNOUNCE.downloaded);
  const leftHigh = view.getUint32(at + ANNOUNCE.left);
  const uploadedHigh = view.getUint32(at + ANNOUNCE.uploaded);
  if (high > MAX_HIGH) return outOfRange("downloaded");
  if (leftHigh > MAX_HIGH) return outOfRange("left");
  if (uploadedHigh > MAX_HIGH) return outOfRange("uploaded");
  const port = view.getUint16(at + ANNOUNCE.port);
  if (port === 0) return "port is no port; expected 1 to 65535";
  announce.event = event;
  announce.downloaded = high * TWO_TO_32 + view.getUint32(at + ANNOUNCE.downloaded + 4);
  announce.left = leftHigh * TWO_TO_32 + view.getUint32(at + ANNOUNCE.left + 4);
  announce.uploaded = uploadedHigh * TWO_TO_32 + view.getUint32(at + ANNOUNCE.uploaded + 4);
  announce.numwant = view.getInt32(at + ANNOUNCE.numwant);
  announce.port = port;
  return undefined;
}

function outOfRange(name: string): string {
  return `${name} is no number of bytes; expected an integer from 0 to 2^53 - 1`;
}

export interface UdpAnnounceReply {
  readonly intervalSeconds: number;
  readonly counts: SwarmCounts;
  readonly handout: Handout;
}

/** `family` is that of the client: the reply holds endpoints of it alone, and no more than fit into `room` bytes. */
export interface UdpReplyForm {
  readonly transaction: number;
  readonly family: "ipv4" | "ipv6";
  readonly room: number;
}

const ENDPOINT_BYTES = { ipv4: 6, ipv6: 18 } as const;

/** How many peers a reply of this form has room for. */
export function mostPeers({ family, room }: UdpReplyForm): number {
  return ((room - ANNOUNCE_REPLY_HEAD_BYTES) / ENDPOINT_BYTES[family]) | 0;
}

/** Prints the reply at `at`, and gives its length in bytes. */
export function printUdpAnnounceReply(
  { view, bytes }: PacketMemory,
  at: number,
  reply: UdpAnnounceReply,
  form: UdpReplyForm,
): number {
  const { handout, counts } = reply;
  view.setInt32(at, UDP_ANNOUNCE);
  view.setInt32(at + 4, form.transaction);
  view.setInt32(at + 8, reply.intervalSeconds);
  view.setInt32(at + 12, counts.incomplete);
  view.setInt32(at + 16, counts.complete);
  const peers = form.family === "ipv4" ? handout.v4 : handout.v6;
  const given = form.family === "ipv4" ? handout.v4Length : handout.v6Length;
  const length = Math.min(given, mostPeers(form) * ENDPOINT_BYTES[form.family]);
  if (length > 0)
    bytes.set(peers.length === length ? peers : peers.subarray(0, length), at + ANNOUNCE_REPLY_HEAD_BYTES);
  return ANNOUNCE_REPLY_HEAD_BYTES + length;
}
