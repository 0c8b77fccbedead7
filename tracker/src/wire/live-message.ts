// The live channel's frames (seed 000): a proof and its peer id, requests, acknowledgements and pushes. Pure.
import { createHash } from "node:crypto";

declare const brand: unique symbol;

/** SHA-256 of a connection's proof, in lowercase hex. */
export type LivePeer = string & { readonly [brand]: "LivePeer" };

/** SHA-256 of a torrent of version 2 (BEP 52), in lowercase hex. */
export type LiveHash = string & { readonly [brand]: "LiveHash" };

const ACTIONS = ["announce", "unannounce", "subscribe", "unsubscribe"] as const;

export type LiveAction = (typeof ACTIONS)[number];

export interface LiveRequest {
  readonly kind: "request";
  readonly messageId: string;
  readonly action: LiveAction;
  /** At least one; the same may be in it twice. */
  readonly infoHashes: readonly LiveHash[];
}

export type LiveFaultKind = "json" | "message-id" | "action" | "info-hashes" | "too-many-hashes";

/** What is wrong with a frame. */
export interface LiveFault {
  readonly kind: "fault";
  readonly fault: LiveFaultKind;
  /** Undefined when the frame does not bring a sound one. */
  readonly messageId: string | undefined;
  /** Names the field and what is expected of it. */
  readonly reason: string;
}

export interface LiveEvent {
  readonly action: "announce" | "unannounce";
  readonly peer: LivePeer;
  readonly infoHash: LiveHash;
}

export const MAX_HASHES_PER_REQUEST = 1000;
const MAX_MESSAGE_ID_LENGTH = 128;
const PROOF = /^[a-z0-9]{64}$/;
const ANY_CASE_HASH = /^[0-9a-fA-F]{64}$/;

/** The id of the peer that brings this proof; undefined for what is no proof. */
export function peerOfProof(text: string): LivePeer | undefined {
  return PROOF.test(text) ? (createHash("sha256").update(text, "latin1").digest("hex") as LivePeer) : undefined;
}

/** Never throws. Unknown fields are passed over; `info_hashes` counts as `infoHashes` where that is missing. */
export function parseLiveRequest(text: string): LiveRequest | LiveFault {
  const fields = parseObject(text);
  if (fields === undefined) return faultOf("json", undefined, "send a JSON object");
  const { messageID: messageId, action, infoHashes = fields["info_hashes"] } = fields;
  if (!isMessageId(messageId)) {
    return faultOf("message-id", undefined, `messageID must be text of 1 to ${MAX_MESSAGE_ID_LENGTH} characters`);
  }
  if (!isAction(action)) return faultOf("action", messageId, `action must be one of ${ACTIONS.join(", ")}`);
  if (!Array.isArray(infoHashes) || infoHashes.length === 0) {
    return faultOf("info-hashes", messageId, "infoHashes must be a list of at least one info-hash");
  }
  if (infoHashes.length > MAX_HASHES_PER_REQUEST) {
    const reason = `infoHashes holds ${infoHashes.length}; send at most ${MAX_HASHES_PER_REQUEST} at a time`;
    return faultOf("too-many-hashes", messageId, reason);
  }
  const faulty = infoHashes.findIndex((hash) => typeof hash !== "string" || !ANY_CASE_HASH.test(hash));
  if (faulty >= 0) return faultOf("info-hashes", messageId, `infoHashes[${faulty}] is no SHA-256 in hex`);
  const hashes = infoHashes.map((hash: string) => hash.toLowerCase() as LiveHash);
  return { kind: "request", messageId, action, infoHashes: hashes };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function isMessageId(value: unknown): value is string {
  return typeof value === "string" && value.length > 0 && value.length <= MAX_MESSAGE_ID_LENGTH;
}

function isAction(value: unknown): value is LiveAction {
  return ACTIONS.includes(value as LiveAction);
}

function faultOf(fault: LiveFaultKind, messageId: string | undefined, reason: string): LiveFault {
  return { kind: "fault", fault, messageId, reason };
}

/** Acknowledges a request. */
export function printLiveDone(messageId: string, action: LiveAction): string {
  return JSON.stringify({ messageID: messageId, action, status: "ok" });
}

/** Refuses one; `messageID` is null for a frame that brings none. */
export function printLiveRefusal(messageId: string | undefined, reason: string): string {
  return JSON.stringify({ messageID: messageId ?? null, status: "error", reason });
}

/** Ids are hex, so nothing needs an escape. */
export function printLiveEvent({ action, peer, infoHash }: LiveEvent): string {
  return `{"action":"${action}","peer":"${peer}","info_hash":"${infoHash}"}`;
}
