// Messages that Redis passes on (PUBLISH), on a connection of their own: one that subscribes can do nothing else.
import { openRedis } from "./redis-connection.ts";
import type { RedisSettings } from "./redis-settings.ts";

export interface RedisSubscriber {
  /** Again by itself whenever Redis is back; what is published meanwhile is lost. */
  subscribe(channel: string, receive: (text: string) => void): void;
  close(): Promise<void>;
}

/** The tracker's other connection tells of a Redis that is away. */
const SILENT = { warn: () => undefined, info: () => undefined };

/** Connects in the background, whatever fails. */
export function openRedisSubscriber(settings: RedisSettings, { random }: { random: () => number }): RedisSubscriber {
  const { client, close } = openRedis(settings, { log: SILENT, random });
  const receivers = new Map<string, (text: string) => void>();

  function ask(channel: string): void {
    void client.subscribe(channel).catch(() => undefined);
  }

  client.on("ready", () => [...receivers.keys()].forEach(ask));
  client.on("message", (channel: string, text: string) => receivers.get(channel)?.(text));
  return {
    subscribe(channel, receive) {
      receivers.set(channel, receive);
      if (client.status === "ready") ask(channel);
    },
    close,
  };
}
