// What BEP 15 and 41 have a tracker say to a datagram, worked out once more from the bytes alone.
import type { UdpInput } from "./udp-inputs.ts";

/**
 * `ignored` and `refused` are faults, told in silence or by an error. `stranger` has no valid connection id and may be told so or not.
 * `announce` may be answered by an error of the service, which is no fault.
 */
export type UdpExpectation = "ignored" | "stranger" | "refused" | "connect" | "announce" | "scrape";

/** What is longer is cut to it. */
export const LONGEST_READ_BYTES = 1600;
const MAGIC = 0x41727101980n;
const [CONNECT, ANNOUNCE, SCRAPE, FAILURE] = [0, 1, 2, 3] as const;
const [CONNECT_BYTES, ANNOUNCE_BYTES, HASH_BYTES, MOST_SCRAPED] = [16, 98, 20, 74];
const [SCRAPED_BYTES, REPLY_HEAD_BYTES, ERROR_HEAD_BYTES] = [12, 20, 8];
const ENDPOINT_BYTES = { ipv4: 6, ipv6: 18 } as const;
/** What an Ethernet frame leaves. */
const ROOM = { ipv4: 1472, ipv6: 1452 } as const;
const LAST_EVENT = 4;
const MAX_AMOUNT = 2n ** 53n - 1n;

export function expectUdp({ bytes: sent, hasValidId }: UdpInput, port: number): UdpExpectation {
  const bytes = sent.subarray(0, LONGEST_READ_BYTES);
  if (port === 0 || bytes.length < CONNECT_BYTES) return "ignored";
  const action = bytes.readInt32BE(8);
  if (action === CONNECT) return bytes.readBigUInt64BE(0) === MAGIC ? "connect" : "ignored";
  if (!hasValidId) return "stranger";
  if (action === ANNOUNCE) return isAnnounce(bytes) ? "announce" : "refused";
  if (action !== SCRAPE) return "refused";
  const hashes = (bytes.length - CONNECT_BYTES) / HASH_BYTES;
  return Number.isInteger(hashes) && hashes >= 1 && hashes <= MOST_SCRAPED ? "scrape" : "refused";
}

function isAnnounce(bytes: Buffer): boolean {
  if (bytes.length < ANNOUNCE_BYTES) return false;
  const amounts = [56, 64, 72].map((at) => bytes.readBigUInt64BE(at));
  const isSound = bytes.readUInt32BE(80) <= LAST_EVENT && amounts.every((amount) => amount <= MAX_AMOUNT);
  return isSound && bytes.readUInt16BE(96) !== 0 && areOptions(bytes.subarray(ANNOUNCE_BYTES));
}

function areOptions(bytes: Buffer): boolean {
  for (let at = 0; at < bytes.length;) {
    const type = bytes[at++];
    if (type === 0) return true;
    if (type === 1) continue;
    const length = bytes[at++];
    if (length === undefined || at + length > bytes.length) return false;
    at += length;
  }
  return true;
}

/** What is wrong with a reply, if anything is. */
export function udpReplyFault(
  input: UdpInput,
  expected: UdpExpectation,
  reply: { readonly bytes: Buffer; readonly family: "ipv4" | "ipv6" },
): string | undefined {
  const { bytes, family } = reply;
  const sent = input.bytes;
  if (bytes.length < ERROR_HEAD_BYTES) return `the reply has ${bytes.length} bytes`;
  if (bytes.length > ROOM[family]) return `the reply of ${bytes.length} bytes is longer than a frame of ${family}`;
  if (!input.hasValidId && bytes.length > sent.length) return `${bytes.length} bytes go to an unverified source`;
  if (bytes.readInt32BE(4) !== sent.readInt32BE(12)) return "the reply has another transaction id";
  const action = bytes.readInt32BE(0);
  switch (expected) {
    case "ignored":
      return "there is a reply to what is no packet";
    case "stranger":
    case "refused":
      return action === FAILURE ? undefined : `action ${action} answers what is to be refused`;
    case "connect":
      return action === CONNECT && bytes.length === CONNECT_BYTES ? undefined : "a connect is not answered as one";
    case "scrape": {
      const hashes = (Math.min(sent.length, LONGEST_READ_BYTES) - CONNECT_BYTES) / HASH_BYTES;
      const isWhole = bytes.length === ERROR_HEAD_BYTES + hashes * SCRAPED_BYTES;
      return action === SCRAPE && isWhole ? undefined : "a scrape is not answered as one";
    }
    case "announce":
      if (action === FAILURE) return undefined;
      return action === ANNOUNCE ? handoutFault(sent, bytes, family) : `action ${action} answers an announce`;
  }
}

function handoutFault(sent: Buffer, reply: Buffer, family: "ipv4" | "ipv6"): string | undefined {
  const peers = (reply.length - REPLY_HEAD_BYTES) / ENDPOINT_BYTES[family];
  if (!Number.isInteger(peers) || peers < 0) return `the reply holds ${peers} peers`;
  const wanted = sent.readInt32BE(92);
  return wanted >= 0 && peers > wanted ? `${peers} peers are handed out where ${wanted} were wanted` : undefined;
}

/** Undefined for a datagram that none but the front end itself could tell. */
export function udpActionName(reply: Buffer): string {
  return ["connect", "announce", "scrape", "error"][reply.readInt32BE(0)] ?? "unknown";
}
