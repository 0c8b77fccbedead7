// Connection ids without memory of them (BEP 15): who shows one has received a packet at its address shortly before.
import { createSipHash } from "../../wire/siphash.ts";
import { type Packet, V4_BYTES } from "./packet.ts";

export interface ConnectionIds {
  /** The halves of the id that `issue` made. */
  readonly high: number;
  readonly low: number;
  issue(packet: Packet): void;
  /** Whether the packet begins with an id that was issued to its sender, and is not too old. */
  accepts(packet: Packet): boolean;
}

export interface ConnectionIdOptions {
  /** 16 bytes. */
  readonly key: Uint8Array;
  /** `tolerant` takes older ids, too, for clients that keep theirs too long; the address counts in any case. */
  readonly check: ConnectionCheck;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export type ConnectionCheck = "strict" | "tolerant";

/** The last byte of an id tells when it was issued, in steps of ten seconds, so that one hash is enough to check it. */
const STEP_MS = 10_000;
const STEP_MASK = 0xff;
/** The protocol's two minutes, to the end of the step. */
const MAX_AGE_STEPS = { strict: 12, tolerant: 180 } as const;
/** Trackers that share a secret may have clocks that differ by half a minute. */
const SKEW_STEPS = 3;

/**
 * 56 bits of SipHash-2-4 over address and time: BLAKE2 or SHA through `node:crypto` would take ten times as long, which is
 * more than all else that is done for an announce, and nothing that they have beyond SipHash is of use for a MAC of 8 bytes.
 */
export function createConnectionIds({ key, check, now }: ConnectionIdOptions): ConnectionIds {
  const sip = createSipHash(key);
  const message = new Int32Array(V6_WORDS + 1);
  const maxAge = MAX_AGE_STEPS[check];
  const ids = { high: 0, low: 0, issue, accepts };

  function issue(packet: Packet): void {
    const step = Math.floor(now() / STEP_MS);
    hash(packet, step);
    ids.high = sip.high;
    ids.low = (sip.low & ~STEP_MASK) | (step & STEP_MASK);
  }

  function accepts(packet: Packet): boolean {
    const low = packet.view.getInt32(packet.at + 4);
    const step = Math.floor(now() / STEP_MS);
    const age = (((step + SKEW_STEPS) & STEP_MASK) - (low & STEP_MASK)) & STEP_MASK;
    if (age > maxAge + SKEW_STEPS) return false;
    hash(packet, step + SKEW_STEPS - age);
    // One sum of all differences: how long it takes tells nothing of where they are.
    return ((packet.view.getInt32(packet.at) ^ sip.high) | ((low ^ sip.low) & ~STEP_MASK)) === 0;
  }

  function hash({ view, hostAt, hostBytes }: Packet, step: number): void {
    message[0] = view.getInt32(hostAt);
    if (hostBytes === V4_BYTES) {
      message[1] = step;
      return sip.hash(message, 2);
    }
    for (let word = 1; word < V6_WORDS; word++) message[word] = view.getInt32(hostAt + word * 4);
    message[V6_WORDS] = step;
    sip.hash(message, V6_WORDS + 1);
  }

  return ids;
}

const V6_WORDS = 4;
