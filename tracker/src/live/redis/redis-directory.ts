// The live channel's directory of all trackers that share a Redis: what is announced at one is told at all of them, in one order.
import type { RedisConnection } from "../../redis/redis-connection.ts";
import type { LiveDirectory } from "../directory.ts";
import { createAnnouncementWriter } from "./announcement-writer.ts";
import { createClaimChannel } from "./claim-channel.ts";
import { CLAIMS_CHANNEL, infoHashOfChannel } from "./keys.ts";
import { createPersistentLoop } from "./persistent-loop.ts";
import { createRoomKeeper } from "./room-keeper.ts";
import { createSession } from "./session.ts";

export interface RedisDirectoryOptions {
  readonly connection: RedisConnection;
  /** Another one, which only listens. */
  readonly listening: RedisConnection;
  /** Unlike that of any other tracker, and of this one before. */
  readonly trackerName: string;
  /** Milliseconds on a clock that never jumps. */
  readonly elapsed: () => number;
  readonly onError: (error: unknown) => void;
}

const BEAT_MS = 1_000;
/** What a tracker announced is gone this long after its last beat, and a beat for the others to see it. */
const LIFETIME_MS = 5_000;
/** Trackers that lost a Redis which lost its data need as long to come back and announce again. */
const COME_BACK_MS = 2_500;
const COMPLAIN_AGAIN_MS = 10_000;
const CLOSE_WITHIN_MS = 1_000;

/** Needs no Redis to begin with: nothing is refused while it is away, and all is late. */
export function createRedisDirectory(options: RedisDirectoryOptions): LiveDirectory {
  const { connection, listening, trackerName, elapsed } = options;
  const { client } = connection;
  const subscriber = listening.client;
  const session = createSession({ client, trackerName, lifetimeMs: LIFETIME_MS });
  const writer = createAnnouncementWriter({ client, session: session.name, onError });
  const claims = createClaimChannel({ client, trackerName, onError });
  const rooms = createRoomKeeper({ client, subscriber, onError });
  const recovery = createPersistentLoop(recover, onError);
  let hasBegun = false;
  let connectedSince: number | undefined;
  let complainedAt = -Infinity;
  let isBeating = false;

  subscriber.on("message", (channel: string, message: string) => {
    const infoHash = infoHashOfChannel(channel);
    if (infoHash !== undefined) rooms.hear(infoHash, message);
    else if (channel === CLAIMS_CHANNEL) claims.hear(message);
  });
  for (const one of [client, subscriber]) one.on("close", lose).on("ready", recovery.kick);

  /** Why it is away, the connection says. */
  function onError(error: unknown): void {
    if (!isConnected() || elapsed() - complainedAt < COMPLAIN_AGAIN_MS) return;
    complainedAt = elapsed();
    options.onError(error);
  }

  function isConnected(): boolean {
    return client.status === "ready" && subscriber.status === "ready";
  }

  function lose(): void {
    connectedSince = undefined;
    rooms.hold();
  }

  /** In this order: others are told again of what is here before anybody believes that it is gone. */
  async function recover(): Promise<boolean> {
    if (!isConnected()) return false;
    await subscriber.subscribe(CLAIMS_CHANNEL);
    const state = await session.beat();
    if (hasBegun && state === "known") await session.renew();
    hasBegun = true;
    writer.redo();
    claims.redo();
    const since = elapsed();
    connectedSince = since;
    if (state === "lost") await new Promise((resolve) => setTimeout(resolve, COME_BACK_MS).unref());
    if (connectedSince === since) rooms.readAll();
    return false;
  }

  async function beat(): Promise<void> {
    if (isBeating || connectedSince === undefined) return;
    isBeating = true;
    try {
      if ((await session.beat()) === "lost") writer.redo();
      await rooms.checkSome();
      // Others had as long to come back, too.
      if (connectedSince !== undefined && elapsed() - connectedSince > LIFETIME_MS) await session.clearSome();
    } catch (error) {
      onError(error);
    } finally {
      isBeating = false;
    }
  }

  const beating = setInterval(() => void beat(), BEAT_MS).unref();
  recovery.kick();

  async function close(): Promise<void> {
    clearInterval(beating);
    const end = elapsed() + CLOSE_WITHIN_MS;
    while (!writer.isDone() && elapsed() < end) await new Promise((resolve) => setTimeout(resolve, 10));
    const isDone = writer.isDone();
    await Promise.all([recovery, writer, claims, rooms].map((part) => part.close()));
    // What is left in Redis ends with the session's lifetime.
    if (isDone) await session.end().catch(() => undefined);
  }

  return {
    claim: claims.claim,
    announce: (peer, infoHashes) => writer.change("announce", peer, infoHashes),
    unannounce: (peer, infoHashes) => writer.change("unannounce", peer, infoHashes),
    follow: rooms.follow,
    counts: () => ({ rooms: rooms.count }),
    close,
  };
}
