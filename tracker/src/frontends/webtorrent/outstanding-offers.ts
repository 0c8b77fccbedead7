// The offers of one connection that were passed on and may be answered: each once, in time, and by the peer it went to.
import type { InfoHash, PeerId } from "../../swarm/identifiers.ts";

interface Outstanding {
  readonly to: PeerId;
  readonly sentAtMs: number;
}

/** Browsers give an offer up after 50 s. */
const LIFETIME_MS = 120_000;
const MOST = 200;

/** Times are milliseconds on a clock that never jumps. */
export class OutstandingOffers {
  /** In order of sending; undefined until there is one, because most connections of a seeded swarm have none. */
  #offers: Map<string, Outstanding> | undefined;

  /** Forgets the oldest when there are too many. */
  add(infoHash: InfoHash, offerId: string, to: PeerId, nowMs: number): void {
    this.#offers ??= new Map();
    const key = infoHash + offerId;
    this.#offers.delete(key);
    const [oldest] = this.#offers.size >= MOST ? this.#offers.keys() : [];
    if (oldest !== undefined) this.#offers.delete(oldest);
    this.#offers.set(key, { to, sentAtMs: nowMs });
  }

  /** Whether `from` may answer it now; if so, nobody may any more. */
  take(infoHash: InfoHash, offerId: string, from: PeerId, nowMs: number): boolean {
    const key = infoHash + offerId;
    const offer = this.#offers?.get(key);
    if (offer === undefined || offer.to !== from || nowMs - offer.sentAtMs > LIFETIME_MS) return false;
    this.#offers?.delete(key);
    return true;
  }

  forgetOld(nowMs: number): void {
    for (const [key, { sentAtMs }] of this.#offers ?? []) {
      if (nowMs - sentAtMs <= LIFETIME_MS) return;
      this.#offers?.delete(key);
    }
    this.#offers = undefined;
  }

  get size(): number {
    return this.#offers?.size ?? 0;
  }
}
