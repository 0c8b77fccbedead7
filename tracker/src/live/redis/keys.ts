// The live channel's keys and channels in Redis (ops/docs/redis-model.md).
import type { LiveHash } from "../../wire/live-message.ts";

/** Sessions by when they are over unless they are heard of, and those that are over; both in one slot of a Cluster. */
export const SESSIONS = "{live}:sessions";
export const DEPARTED = "{live}:departed";
/** How many claims there were. */
export const CLAIMS = "{live}:claims";
export const CLAIMS_CHANNEL = "live:claims";

/** Each announcer's session, and under `LATEST` the number of the latest event. */
export function announcersKey(infoHash: LiveHash): string {
  return `live:{${infoHash}}:announcers`;
}

export const LATEST = "*";

/** What a session announced: `<info-hash> <peer>`, at least. */
export function announcedKey(session: string): string {
  return `live:{${session}}:announced`;
}

const CHANNEL_PREFIX = "live:announcers:";

export function channelOf(infoHash: LiveHash): string {
  return `${CHANNEL_PREFIX}${infoHash}`;
}

export function infoHashOfChannel(channel: string): LiveHash | undefined {
  return channel.startsWith(CHANNEL_PREFIX) ? (channel.slice(CHANNEL_PREFIX.length) as LiveHash) : undefined;
}
