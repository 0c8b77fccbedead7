// The rooms that somebody of this tracker follows: subscribed to first, then read, so that nothing falls between the two.
import type { RedisClient } from "../../redis/redis-connection.ts";
import type { LiveHash } from "../../wire/live-message.ts";
import type { Follower, Following } from "../room.ts";
import { announcersKey, channelOf, LATEST } from "./keys.ts";
import { createPersistentLoop } from "./persistent-loop.ts";
import { createSharedRoom, type SharedRoom } from "./shared-room.ts";

export interface RoomKeeper {
  follow(infoHash: LiveHash, follower: Follower): Following;
  /** What was published on the channel of an info-hash. */
  hear(infoHash: LiveHash, message: string): void;
  /** Reads nothing until `readAll`: Redis is away, or has not been told again by all who lost it. */
  hold(): void;
  readAll(): void;
  /** Looks whether some rooms, the next ones each time, missed something unseen. */
  checkSome(): Promise<void>;
  readonly count: number;
  close(): Promise<void>;
}

export interface RoomKeeperOptions {
  readonly client: RedisClient;
  /** Its messages go to `hear`. */
  readonly subscriber: RedisClient;
  readonly onError: (error: unknown) => void;
}

const ROOMS_A_PIECE = 200;
const CHECKED_AT_A_TIME = 100;

export function createRoomKeeper({ client, subscriber, onError }: RoomKeeperOptions): RoomKeeper {
  const rooms = new Map<LiveHash, SharedRoom>();
  const toRead = new Set<LiveHash>();
  const toLeave = new Set<LiveHash>();
  let unchecked: LiveHash[] = [];
  let isHeld = true;
  const loop = createPersistentLoop(readSome, onError);

  async function readSome(): Promise<boolean> {
    if (isHeld) return false;
    await leaveSome();
    const some = [...toRead].slice(0, ROOMS_A_PIECE);
    if (some.length === 0) return toLeave.size > 0;
    await subscriber.subscribe(...some.map(channelOf));
    // All of them have ended before any is read again.
    const failure = (await Promise.allSettled(some.map(read))).find(({ status }) => status === "rejected");
    if (failure?.status === "rejected") throw failure.reason;
    return toRead.size + toLeave.size > 0;
  }

  async function read(infoHash: LiveHash): Promise<void> {
    const shared = rooms.get(infoHash);
    const announcers = await client.hgetall(announcersKey(infoHash));
    toRead.delete(infoHash);
    // Left, or left and entered anew, meanwhile.
    if (shared === undefined || shared !== rooms.get(infoHash)) return again(infoHash);
    if (!shared.fill(announcers)) again(infoHash);
  }

  function again(infoHash: LiveHash): void {
    const shared = rooms.get(infoHash);
    if (shared === undefined) return;
    shared.expectReading();
    toRead.add(infoHash);
    loop.kick();
  }

  async function leaveSome(): Promise<void> {
    const left = [...toLeave].slice(0, ROOMS_A_PIECE);
    if (left.length > 0) await subscriber.unsubscribe(...left.map(channelOf));
    for (const infoHash of left) toLeave.delete(infoHash);
    // Entered again while that was under way: subscribed to anew.
    for (const infoHash of left) again(infoHash);
  }

  function enter(infoHash: LiveHash): SharedRoom {
    const known = rooms.get(infoHash);
    if (known !== undefined) return known;
    const shared = createSharedRoom(infoHash);
    rooms.set(infoHash, shared);
    toLeave.delete(infoHash);
    again(infoHash);
    return shared;
  }

  function leave(infoHash: LiveHash, shared: SharedRoom): void {
    if (shared.room.followerCount > 0 || rooms.get(infoHash) !== shared) return;
    rooms.delete(infoHash);
    toRead.delete(infoHash);
    toLeave.add(infoHash);
    loop.kick();
  }

  return {
    follow(infoHash, follower) {
      const shared = enter(infoHash);
      const following = shared.room.follow(follower);
      return {
        replay: following.replay,
        end() {
          following.end();
          leave(infoHash, shared);
        },
      };
    },
    hear(infoHash, message) {
      if (rooms.get(infoHash)?.hear(message) === false) again(infoHash);
    },
    hold: () => void (isHeld = true),
    readAll() {
      isHeld = false;
      for (const infoHash of rooms.keys()) again(infoHash);
      loop.kick();
    },
    async checkSome() {
      if (isHeld) return;
      if (unchecked.length === 0) unchecked = [...rooms.keys()];
      const some = unchecked.splice(0, CHECKED_AT_A_TIME);
      await Promise.all(
        some.map(async (infoHash) => {
          const position = rooms.get(infoHash)?.position;
          const latest = Number(await client.hget(announcersKey(infoHash), LATEST));
          const shared = rooms.get(infoHash);
          // What is on its way is not missing.
          if (shared === undefined || shared.isBeingRead || latest === position || latest === shared.position) return;
          if (shared.position === position) again(infoHash);
        }),
      );
    },
    get count() {
      return rooms.size;
    },
    close: () => loop.close(),
  };
}
