// Who has announced one info-hash, in order of arrival, and who follows it: what every follower has yet to be told, without a copy of either.
import { type LiveEvent, type LiveHash, type LivePeer, printLiveEvent } from "../wire/live-message.ts";

/** Somebody who is told of announcers. */
export interface Follower {
  /** Takes one printed event. */
  tell(text: string): void;
  /** There is something to `replay` now, after a `replay` that gave nothing. */
  wake(): void;
}

/** What one follower has yet to be told of one info-hash. */
export interface Following {
  /**
   * Tells up to about `count` events, oldest first: `all` when the follower knows everything, and is told what happens from then on as
   * it happens. Until then nothing is told but by this, in the order in which it happened. `unknown`: `wake` will be called.
   */
  replay(count: number): "unknown" | "more" | "all";
  end(): void;
}

export interface Room {
  readonly infoHash: LiveHash;
  /** False while who has announced is still being found out: followers are told nothing yet. */
  readonly isKnown: boolean;
  becomeKnown(): void;
  /** Whether that changed anything. */
  change(action: LiveEvent["action"], peer: LivePeer): boolean;
  has(peer: LivePeer): boolean;
  announcers(): Iterable<LivePeer>;
  follow(follower: Follower): Following;
  readonly announcerCount: number;
  readonly followerCount: number;
}

type Arrival = readonly [peer: LivePeer, number: number];

interface Departure {
  readonly number: number;
  readonly peer: LivePeer;
}

/** Of a follower that does not know all yet. */
interface Replay {
  readonly arrivals: Iterator<Arrival, undefined>;
  /** The next arrival, not told yet. */
  ahead: Arrival | undefined;
  isAtEnd: boolean;
  /** The number of the latest arrival it was told. */
  told: number;
  /** Who was told and has left since: at most as many as were told. */
  departures: Departure[];
}

interface Seat {
  readonly follower: Follower;
  /** Undefined once the follower knows all. */
  replay: Replay | undefined;
}

/**
 * Everything that happens in a room has a number. A map's iterator meets what is added while it is under way, at the end, and
 * does not meet what was removed ahead of it; so a replay needs to note only who left behind its back.
 */
export function createRoom(infoHash: LiveHash, isKnownFromTheStart = true): Room {
  const arrivals = new Map<LivePeer, number>();
  const seats = new Set<Seat>();
  let isKnown = isKnownFromTheStart;
  let number = 0;

  function change(action: LiveEvent["action"], peer: LivePeer): boolean {
    const arrived = arrivals.get(peer);
    if ((arrived === undefined) !== (action === "announce")) return false;
    number++;
    if (arrived === undefined) arrivals.set(peer, number);
    else arrivals.delete(peer);
    const text = printLiveEvent({ action, peer, infoHash });
    for (const { replay, follower } of seats) {
      if (replay === undefined) follower.tell(text);
      else if (arrived !== undefined && arrived <= replay.told) replay.departures.push({ number, peer });
    }
    return true;
  }

  /** False when there is nothing more to tell. */
  function tellNext(follower: Follower, replay: Replay): boolean {
    const next = nextArrival(replay);
    const departure = replay.departures[0];
    if (departure !== undefined && (next === undefined || departure.number < next[1])) {
      replay.departures.shift();
      follower.tell(printLiveEvent({ action: "unannounce", peer: departure.peer, infoHash }));
      return true;
    }
    if (next === undefined) return false;
    [replay.ahead, replay.told] = [undefined, next[1]];
    follower.tell(printLiveEvent({ action: "announce", peer: next[0], infoHash }));
    return true;
  }

  /** Looked at, not taken: it may be gone when it is looked at again. */
  function nextArrival(replay: Replay): Arrival | undefined {
    const { ahead } = replay;
    if (ahead !== undefined && arrivals.get(ahead[0]) === ahead[1]) return ahead;
    const { done, value } = replay.arrivals.next();
    if (done === true) replay.isAtEnd = true;
    replay.ahead = value;
    return value;
  }

  /** A map's iterator that came to its end stays there, so nothing may happen between that and the last departure. */
  function replaySome({ follower, replay }: Seat, count: number): "unknown" | "more" | "all" {
    if (!isKnown) return "unknown";
    if (replay === undefined) return "all";
    for (let told = 0; told < count || replay.isAtEnd; told++) {
      if (!tellNext(follower, replay)) return "all";
    }
    return "more";
  }

  return {
    infoHash,
    get isKnown() {
      return isKnown;
    },
    becomeKnown() {
      isKnown = true;
      for (const { follower } of seats) follower.wake();
    },
    change,
    has: (peer) => arrivals.has(peer),
    announcers: () => arrivals.keys(),
    follow(follower) {
      const replay: Replay = {
        arrivals: arrivals.entries(),
        ahead: undefined,
        isAtEnd: false,
        told: 0,
        departures: [],
      };
      const seat: Seat = { follower, replay };
      seats.add(seat);
      return {
        replay(count) {
          const state = replaySome(seat, count);
          if (state === "all") seat.replay = undefined;
          return state;
        },
        end: () => void seats.delete(seat),
      };
    },
    get announcerCount() {
      return arrivals.size;
    },
    get followerCount() {
      return seats.size;
    },
  };
}
