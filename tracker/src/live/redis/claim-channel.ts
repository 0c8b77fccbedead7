// Who is connected where, among trackers: the claim that was published last holds, and everybody hears them in the same order.
import type { RedisClient } from "../../redis/redis-connection.ts";
import { createScript } from "../../redis/script.ts";
import type { LivePeer } from "../../wire/live-message.ts";
import { createClaims } from "../claims.ts";
import type { Claim } from "../directory.ts";
import { CLAIMS, CLAIMS_CHANNEL } from "./keys.ts";
import { createPersistentLoop } from "./persistent-loop.ts";

export interface ClaimChannel {
  claim(peer: LivePeer, onLost: () => void): Claim;
  /** What was published on `CLAIMS_CHANNEL`. */
  hear(message: string): void;
  /** Publishes all of them again: others may have missed them. */
  redo(): void;
  close(): Promise<void>;
}

interface Holder {
  readonly onLost: () => void;
  readonly number: number;
  /** It was heard back: what others publish from then on is later. */
  isHeard: boolean;
}

const CLAIMS_A_MESSAGE = 500;

export function createClaimChannel(options: {
  readonly client: RedisClient;
  readonly trackerName: string;
  readonly onError: (error: unknown) => void;
}): ClaimChannel {
  const { client, trackerName, onError } = options;
  const script = createScript(client, new URL("./lua/publish-claims.lua", import.meta.url));
  const claims = createClaims<Holder>();
  const unpublished = new Set<LivePeer>();
  const loop = createPersistentLoop(publishSome, onError);
  let last = 0;

  /** `<tracker> <peer>:<number> …` */
  async function publishSome(): Promise<boolean> {
    const some = [...unpublished].slice(0, CLAIMS_A_MESSAGE);
    const texts = some.flatMap((peer) => {
      const holder = claims.find(peer);
      return holder === undefined ? [] : [`${peer}:${holder.number}`];
    });
    if (texts.length > 0) await script.run([CLAIMS], [CLAIMS_CHANNEL, [trackerName, ...texts].join(" ")]);
    for (const peer of some) unpublished.delete(peer);
    return unpublished.size > 0;
  }

  function hear(message: string): void {
    const [tracker, ...texts] = message.split(" ");
    for (const text of texts) {
      const [peer, number] = text.split(":");
      const holder = claims.find(peer as LivePeer);
      if (holder === undefined) continue;
      if (tracker === trackerName) holder.isHeard ||= holder.number === Number(number);
      else if (holder.isHeard) holder.onLost();
    }
  }

  return {
    claim(peer, onLost) {
      const claim = claims.take(peer, { onLost, number: ++last, isHeard: false });
      unpublished.add(peer);
      loop.kick();
      return claim;
    },
    hear,
    redo() {
      for (const [peer] of claims.all()) unpublished.add(peer);
      loop.kick();
    },
    close: () => loop.close(),
  };
}
