// DNS messages: a question with an id that nobody can guess, and which bytes are the answer to it.
import { decode, type DecodedPacket, encode, RECURSION_DESIRED } from "dns-packet";
import { randomInt } from "node:crypto";

export interface DnsQuestion {
  /** Without the final dot. */
  readonly name: string;
  readonly type: "PTR" | "TXT" | "LOC";
}

export interface DnsQuery {
  readonly question: DnsQuestion;
  readonly id: number;
  readonly bytes: Buffer;
}

const RESPONSE_CODE_BITS = 0xf;
const RESPONSE_CODES = ["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"];
const LONGEST_LABEL_BYTES = 63;
const LONGEST_NAME_BYTES = 253;

export function createQuery(question: DnsQuestion): DnsQuery {
  const id = randomInt(0x10000);
  return { question, id, bytes: encode({ type: "query", id, flags: RECURSION_DESIRED, questions: [{ ...question }] }) };
}

/** Undefined for what answers another question, or nothing: whoever can send to this port can send such things. */
export function readResponse(bytes: Buffer, { id, question }: DnsQuery): DecodedPacket | undefined {
  const packet = decoded(bytes);
  if (packet?.type !== "response" || packet.id !== id || packet.questions?.length !== 1) return undefined;
  const [asked] = packet.questions;
  const isOurs = asked?.type === question.type && asked.class === "IN" && sameName(asked.name, question.name);
  return isOurs ? packet : undefined;
}

function decoded(bytes: Buffer): DecodedPacket | undefined {
  try {
    return decode(bytes);
  } catch {
    return undefined;
  }
}

/** Such as `SERVFAIL`. */
export function responseCode({ flags = 0 }: DecodedPacket): string {
  const code = flags & RESPONSE_CODE_BITS;
  return RESPONSE_CODES[code] ?? `response code ${code}`;
}

/** Letters of names are the same in either case (RFC 4343). */
export function sameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** Whether a name can be asked for at all; the encoder does not look. */
export function isDnsName(name: string): boolean {
  const labels = name.split(".").map((label) => Buffer.byteLength(label));
  return (
    Buffer.byteLength(name) <= LONGEST_NAME_BYTES && labels.every((bytes) => bytes > 0 && bytes <= LONGEST_LABEL_BYTES)
  );
}
