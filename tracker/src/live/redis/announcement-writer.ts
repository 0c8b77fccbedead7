// Brings to Redis what the peers of this tracker have announced, again and again until it is there.
import type { RedisClient } from "../../redis/redis-connection.ts";
import { createScript, type Script } from "../../redis/script.ts";
import type { LiveEvent, LiveHash, LivePeer } from "../../wire/live-message.ts";
import { announcedKey, announcersKey, channelOf } from "./keys.ts";
import { createPersistentLoop } from "./persistent-loop.ts";

export interface AnnouncementWriter {
  /** Resolves when it is in Redis, however long that takes. */
  change(action: LiveEvent["action"], peer: LivePeer, infoHashes: readonly LiveHash[]): Promise<void>;
  /** Writes all of it once more: the session has another name, or Redis may have lost some. */
  redo(): void;
  /** Whether everything is written. */
  isDone(): boolean;
  close(): Promise<void>;
}

export interface AnnouncementWriterOptions {
  readonly client: RedisClient;
  /** The name that announces are written under now. */
  readonly session: () => string;
  readonly onError: (error: unknown) => void;
}

type Changes = Map<LiveHash, Map<LivePeer, boolean>>;

/** Of one command. */
const CHANGES_A_COMMAND = 500;
/** Of one piece of work, which has a second for each of its steps. */
const HASHES_A_PIECE = 500;

export function createAnnouncementWriter({ client, session, onError }: AnnouncementWriterOptions): AnnouncementWriter {
  const script = createAnnouncersScript(client);
  const wanted = new Map<LiveHash, Set<LivePeer>>();
  const changes: Changes = new Map();
  let waiting: (() => void)[] = [];
  let isWriting = false;
  const loop = createPersistentLoop(writeSome, onError);

  async function writeSome(): Promise<boolean> {
    const piece = takeSome();
    isWriting = true;
    try {
      await write(piece, session());
    } catch (error) {
      putBack(piece);
      throw error;
    } finally {
      isWriting = false;
    }
    if (changes.size > 0) return true;
    const done = waiting;
    waiting = [];
    for (const resolve of done) resolve();
    return false;
  }

  function takeSome(): Changes {
    const taken = [...changes].slice(0, HASHES_A_PIECE);
    for (const [infoHash] of taken) changes.delete(infoHash);
    return new Map(taken);
  }

  /** What was wanted otherwise since then stays so. */
  function putBack(piece: Changes): void {
    for (const [infoHash, peers] of piece) {
      for (const peer of peers.keys()) note(infoHash, peer, wanted.get(infoHash)?.has(peer) === true);
    }
  }

  function note(infoHash: LiveHash, peer: LivePeer, isAnnounced: boolean): void {
    const peers = changes.get(infoHash) ?? new Map<LivePeer, boolean>();
    changes.set(infoHash, peers.set(peer, isAnnounced));
  }

  function want(infoHash: LiveHash, peer: LivePeer, isAnnounced: boolean): void {
    const peers = wanted.get(infoHash) ?? new Set();
    if (isAnnounced) wanted.set(infoHash, peers.add(peer));
    else if (peers.delete(peer) && peers.size === 0) wanted.delete(infoHash);
    note(infoHash, peer, isAnnounced);
  }

  /** The session's list names at least what it announces, whenever its tracker dies. */
  async function write(piece: Changes, name: string): Promise<void> {
    const members = (isAnnounced: boolean) =>
      [...piece].flatMap(([infoHash, peers]) =>
        [...peers].filter(([, is]) => is === isAnnounced).map(([peer]) => `${infoHash} ${peer}`),
      );
    await inChunks(members(true), (some) => client.sadd(announcedKey(name), ...some));
    const changing = [...piece].map(([infoHash, peers]) => script.change(name, infoHash, [...peers]));
    const failure = (await Promise.allSettled(changing)).find(({ status }) => status === "rejected");
    if (failure?.status === "rejected") throw failure.reason;
    await inChunks(members(false), (some) => client.srem(announcedKey(name), ...some));
  }

  return {
    change(action, peer, infoHashes) {
      for (const infoHash of infoHashes) want(infoHash, peer, action === "announce");
      loop.kick();
      return new Promise((resolve) => waiting.push(resolve));
    },
    redo() {
      for (const [infoHash, peers] of wanted) for (const peer of peers) note(infoHash, peer, true);
      loop.kick();
    },
    isDone: () => changes.size === 0 && !isWriting,
    close: () => loop.close(),
  };
}

export interface AnnouncersScript {
  change(session: string, infoHash: LiveHash, peers: readonly (readonly [LivePeer, boolean])[]): Promise<void>;
}

export function createAnnouncersScript(client: RedisClient): AnnouncersScript {
  const script: Script = createScript(client, new URL("./lua/change-announcers.lua", import.meta.url));
  return {
    async change(session, infoHash, peers) {
      await inChunks(peers, (some) => {
        const pairs = some.flatMap(([peer, isAnnounced]) => [peer, isAnnounced ? "1" : "0"]);
        return script.run([announcersKey(infoHash)], [session, channelOf(infoHash), ...pairs]);
      });
    },
  };
}

/** One after the other. */
async function inChunks<T>(all: readonly T[], send: (some: T[]) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < all.length; at += CHANGES_A_COMMAND) await send(all.slice(at, at + CHANGES_A_COMMAND));
}
