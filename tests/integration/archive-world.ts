// A swarm in Redis with as many peers as wanted, written past any store, and what is left of one.
import type { Redis } from "ioredis";
import type { RedisClient } from "../../tracker/src/redis/redis-connection.ts";
import type { InfoHash } from "../../tracker/src/swarm/identifiers.ts";

export const INFO_HASH = "0123456789abcdef0123456789abcdef01234567" as InfoHash;
export const PREFIX = `{${INFO_HASH.toUpperCase()}}:`;

export interface SwarmShape {
  readonly peers: number;
  readonly departed?: number;
  readonly racks: number;
  /** Pairs remembered as told of each other. */
  readonly tellings?: number;
}

const AT_A_TIME = 1000;

/** Of a transfer that has just been deactivated. */
export async function writeSwarm(client: RedisClient, { peers, departed = 0, racks, tellings = 0 }: SwarmShape) {
  const swarm = PREFIX;
  await client.hset(`${swarm}transfer`, { state: "inactive", name: "release", length: "1024" });
  await client.set(`${swarm}torrent`, "d4:infoe");
  await client.sadd("transfers", INFO_HASH.toUpperCase());
  await client.hset(`${swarm}swarm`, { epoch: "one", version: peers, arrivals: peers + 1 });
  await client.xadd(`${swarm}statistics`, "*", "N", peers);
  await inBatches(client, racks, (batch, rack) => batch.sadd(`${swarm}groups`, `rack:${rackOf(rack, racks)}`));
  await inBatches(client, tellings, (batch, pair) => {
    batch.zadd(`${swarm}told`, pair, `${pair} ${pair + 1}`).zadd(`${swarm}changes`, pair, `${pair} ${pair + 1}`);
  });
  await inBatches(client, peers, (batch, place) => {
    const name = nameOf(place);
    const rack = `${swarm}rack:${rackOf(place, racks)}`;
    batch.zadd(`${swarm}peers:N`, 1e12 + place, name).zadd(`${swarm}peers:L`, place, name);
    batch.zadd(`${swarm}changes`, place, name).zadd(`${rack}:N`, place, name);
    if (place < 2 * racks) batch.zadd(`${swarm}peers:R`, place, name).zadd(`${rack}:R`, place, name);
    batch.hset(`${swarm}peer:${name}`, fieldsOf(place));
  });
  await inBatches(client, departed, (batch, index) => {
    const name = nameOf(peers + index);
    batch.zadd(`${swarm}departed`, index, name).hset(`${swarm}peer:${name}`, fieldsOf(peers + index));
    batch.expire(`${swarm}peer:${name}`, 600);
  });
}

/** Names of all keys, in order. */
export async function keysOf(client: Redis): Promise<string[]> {
  const found: string[] = [];
  for await (const keys of client.scanStream({ count: AT_A_TIME })) found.push(...(keys as string[]));
  return found.sort();
}

async function inBatches(
  client: RedisClient,
  count: number,
  write: (batch: ReturnType<Redis["pipeline"]>, index: number) => void,
): Promise<void> {
  for (let from = 0; from < count; from += AT_A_TIME) {
    const batch = client.pipeline();
    for (let index = from; index < Math.min(count, from + AT_A_TIME); index++) write(batch, index);
    for (const [error] of (await batch.exec()) ?? []) if (error) throw error;
  }
}

function nameOf(index: number): string {
  return `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}:6881`;
}

function rackOf(place: number, racks: number): string {
  const rack = place % racks;
  return `ams1/row${rack % 5}/rack${rack}`;
}

function fieldsOf(place: number): Record<string, string> {
  const counted = ["serial", "place", "left", "uploaded", "downloaded", "rate", "habit", "seen", "hopeful", "key"];
  const numbers = Object.fromEntries(counted.map((field) => [field, String(1e9 + place)]));
  return { ...numbers, ip: nameOf(place), port: "6881", peer_id: "-lt0D80-%00%01%02%03abcdefgh", seeder: "False" };
}
