// For how long a host is told of nobody because no resolver could say yet where it is. In the wrong rack it would be told of peers of other
// racks, and connections that are made cannot be taken back.
import { clientFamily, familyNumber } from "../swarm/client-families.ts";
import { hostOf, type HostAddress } from "../swarm/identifiers.ts";
import type { TransferTerms } from "../swarm/announce.ts";
import type { ClientAnnounce } from "./announce-service.ts";

export interface PlacePatience {
  /** Of an announce from a host whose place was not found: whether to wait for it. */
  waits(request: ClientAnnounce, terms: TransferTerms): boolean;
}

export interface PlacePatienceOptions {
  /** Since a host's first announce without a place (`TOPOLOGY_PATIENCE`). */
  readonly seconds: number;
  /** Whether every resolver has said what it knows of an address; false while one is late or fails. */
  readonly hasAnswered: (address: string) => boolean;
  readonly addressText: (host: HostAddress) => string;
  /** Milliseconds on a clock that never jumps. */
  readonly elapsed: () => number;
}

/** No host waits anew within so long. */
const REMEMBERED_MS = 600_000;
const MOST_REMEMBERED = 200_000;

/**
 * Leechers wait whose client asks again within seconds whatever it was told: rtorrent, by the schedule of its rendered configuration. Others
 * would be gone for the interval; and nobody waits for an origin.
 */
export function createPlacePatience(options: PlacePatienceOptions): PlacePatience {
  const { hasAnswered, addressText, elapsed } = options;
  /** In order of their beginning. */
  const began = new Map<HostAddress, number>();

  function beginOf(host: HostAddress, at: number): number {
    const known = began.get(host);
    if (known !== undefined && at - known < REMEMBERED_MS) return known;
    began.delete(host);
    const [oldest] = began.size >= MOST_REMEMBERED ? began.keys() : [];
    if (oldest !== undefined) began.delete(oldest);
    began.set(host, at);
    return at;
  }

  return {
    waits({ peerId, endpoint, event, left }, { origins }) {
      if (options.seconds === 0 || left === 0 || event === "stopped") return false;
      const host = hostOf(endpoint);
      if (origins.has(host) || !clientFamily(familyNumber(peerId)).lateHave) return false;
      if (hasAnswered(addressText(host))) return false;
      const at = elapsed();
      return at - beginOf(host, at) < options.seconds * 1000;
    },
  };
}

export const NO_PATIENCE: PlacePatience = { waits: () => false };
