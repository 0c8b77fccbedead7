// This tracker's session on the live channel: kept alive in Redis, and those of trackers that died cleared away.
import type { RedisClient } from "../../redis/redis-connection.ts";
import { createScript } from "../../redis/script.ts";
import type { LiveHash, LivePeer } from "../../wire/live-message.ts";
import { createAnnouncersScript } from "./announcement-writer.ts";
import { announcedKey, DEPARTED, SESSIONS } from "./keys.ts";

export interface Session {
  name(): string;
  /** `lost`: the session had to be begun anew under another name. Rejects while Redis does not answer. */
  beat(): Promise<"known" | "lost">;
  /**
   * Begins another session in place of this one, whose leftovers are cleared away later: what was sent on a connection that broke may
   * be executed after what is sent on the next.
   */
  renew(): Promise<void>;
  /** Unannounces some of what dead trackers announced. */
  clearSome(): Promise<void>;
  /** Ends the session; nothing of it may be left. */
  end(): Promise<void>;
}

export interface SessionOptions {
  readonly client: RedisClient;
  readonly trackerName: string;
  readonly lifetimeMs: number;
}

const CLEARING_LEASE_MS = 10_000;
const CLEARED_AT_A_TIME = 500;

export function createSession({ client, trackerName, lifetimeMs }: SessionOptions): Session {
  const script = createScript(client, new URL("./lua/beat.lua", import.meta.url));
  const take = createScript(client, new URL("./lua/take-departed.lua", import.meta.url));
  const announcers = createAnnouncersScript(client);
  let number = 1;
  let isNew = true;
  const nameOf = (which: number) => `${trackerName}-${which}`;

  async function beat(): Promise<"known" | "lost"> {
    const former = number > 1 ? nameOf(number - 1) : "";
    const replaced = isNew ? former : "";
    const reply = await script.run([SESSIONS, DEPARTED], [nameOf(number), lifetimeMs, replaced, isNew ? "1" : "0"]);
    if (Number(reply) === 1) {
      const isBegun = isNew && number > 1;
      isNew = false;
      return isBegun ? "lost" : "known";
    }
    return await begin();
  }

  async function begin(): Promise<"known" | "lost"> {
    number++;
    isNew = true;
    return await beat();
  }

  /** The peers that came back to another tracker are that one's by now, and stay. */
  async function clear(session: string): Promise<void> {
    const key = announcedKey(session);
    for (;;) {
      const members = await client.srandmember(key, CLEARED_AT_A_TIME);
      if (members.length === 0) break;
      const peersOf = Map.groupBy(members, (member) => member.split(" ")[0] as LiveHash);
      for (const [infoHash, some] of peersOf) {
        const peers = some.map((member) => [member.split(" ")[1] as LivePeer, false] as const);
        await announcers.change(session, infoHash, peers);
      }
      await client.srem(key, ...members);
    }
    await client.zrem(DEPARTED, session);
  }

  return {
    name: () => nameOf(number),
    beat,
    renew: async () => void (await begin()),
    async clearSome() {
      const session = await take.run([SESSIONS, DEPARTED], [CLEARING_LEASE_MS]);
      if (typeof session === "string") await clear(session);
    },
    async end() {
      await client.zrem(SESSIONS, nameOf(number));
      await client.del(announcedKey(nameOf(number)));
    },
  };
}
