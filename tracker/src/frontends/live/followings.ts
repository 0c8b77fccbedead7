// What one connection subscribes to: replays as fast as it reads, and after them what happens.
import type { LiveDirectory } from "../../live/directory.ts";
import type { Following } from "../../live/room.ts";
import type { LiveHash } from "../../wire/live-message.ts";
import type { LiveSocket } from "./live-connection.ts";
import { MAX_WAITING_BYTES, REPLAY_BELOW_BYTES } from "./live-limits.ts";

export interface Followings {
  readonly size: number;
  has(infoHash: LiveHash): boolean;
  /** `done` is called when the present announcers of all of them have been told; those that it follows already count as told. */
  begin(infoHashes: readonly LiveHash[], done: () => void): void;
  end(infoHashes: readonly LiveHash[]): undefined;
  endAll(): void;
  /** Goes on with the replays, when there is room in the socket. */
  goOn(): void;
}

/** Events told without a pause for others. */
const EVENTS_A_TURN = 1024;
const EVENTS_A_STEP = 64;

interface Replay {
  readonly infoHash: LiveHash;
  readonly following: Following;
  readonly subscription: Subscription;
}

interface Subscription {
  open: number;
  readonly done: () => void;
}

export function createFollowings(socket: LiveSocket, directory: LiveDirectory, onSlowReader: () => void): Followings {
  const followed = new Map<LiveHash, Following>();
  const replays = new Map<LiveHash, Replay>();
  let isScheduled = false;
  let isRunning = false;
  let isTooSlow = false;

  const follower = { tell, wake: schedule };

  function tell(text: string): void {
    if (isTooSlow) return;
    if (socket.waitingBytes <= MAX_WAITING_BYTES) return socket.send(text);
    isTooSlow = true;
    onSlowReader();
    socket.terminate();
  }

  function schedule(): void {
    if (isScheduled || replays.size === 0) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      goOn();
    });
  }

  /** Every replay gets on a step at a time, so that one that cannot begin yet keeps none of the others up. */
  function goOn(): void {
    if (isRunning) return;
    isRunning = true;
    let turns = EVENTS_A_TURN / EVENTS_A_STEP;
    for (let isMoving = true; isMoving;) {
      isMoving = false;
      for (const replay of replays.values()) {
        if (turns-- <= 0 || socket.waitingBytes >= REPLAY_BELOW_BYTES) break;
        if (step(replay)) isMoving = true;
      }
    }
    isRunning = false;
    if (turns < 0) schedule();
  }

  /** Whether it may get on further. */
  function step(replay: Replay): boolean {
    const state = replay.following.replay(EVENTS_A_STEP);
    if (state === "all") finish(replay);
    return state === "more";
  }

  function finish({ infoHash, subscription }: Replay): void {
    replays.delete(infoHash);
    subscription.open--;
    if (subscription.open === 0) subscription.done();
  }

  function begin(infoHashes: readonly LiveHash[], done: () => void): void {
    const subscription: Subscription = { open: 1, done };
    for (const infoHash of infoHashes) {
      if (followed.has(infoHash)) continue;
      const following = directory.follow(infoHash, follower);
      followed.set(infoHash, following);
      replays.set(infoHash, { infoHash, following, subscription });
      subscription.open++;
    }
    goOn();
    subscription.open--;
    if (subscription.open === 0) done();
  }

  function end(infoHashes: readonly LiveHash[]): undefined {
    for (const infoHash of infoHashes) {
      followed.get(infoHash)?.end();
      followed.delete(infoHash);
      const replay = replays.get(infoHash);
      if (replay !== undefined) finish(replay);
    }
  }

  return {
    get size() {
      return followed.size;
    },
    has: (infoHash) => followed.has(infoHash),
    begin,
    end,
    endAll() {
      for (const following of followed.values()) following.end();
      followed.clear();
      replays.clear();
    },
    goOn,
  };
}
