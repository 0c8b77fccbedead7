// Clients of the live channel at several trackers that come and go at random, and what all of their followers must have been told.
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "vitest";
import { connectLive, type LiveClient, presentBy, sha256 } from "./live-client.ts";

export interface LiveStory {
  readonly hashes: readonly string[];
  readonly followers: readonly LiveClient[];
  /** Everybody announces and unannounces at random, so many times. */
  churn(rounds: number): Promise<void>;
  /** Connects one more follower at each tracker. */
  follow(ports: readonly number[]): Promise<void>;
  /** Resolves when every follower's account agrees with what was announced; fails when one is told nonsense. */
  expectTold(withinMs?: number): Promise<void>;
  /** Those at this port are gone. */
  forget(port: number): void;
  close(): Promise<void>;
}

const any = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)]!;
let stories = 0;

export async function startLiveStory(ports: readonly number[], peersAtEach: number, hashCount: number) {
  const story = ++stories;
  const hashes = Array.from({ length: hashCount }, (_, index) => sha256(`story ${story} hash ${index}`));
  let followers: (LiveClient & { port: number })[] = [];
  const connectAll = (count: number) =>
    Promise.all(
      ports.flatMap((port) =>
        Array.from({ length: count }, async () => Object.assign(await connectLive(port), { port })),
      ),
    );
  let peers = (await connectAll(peersAtEach)).map((client) => ({ client, own: new Set<string>() }));

  async function churn(rounds: number): Promise<void> {
    const going = peers.map(async ({ client, own }) => {
      for (let round = 0; round < rounds; round++) {
        const [action, some] = [any(["announce", "unannounce"]), hashes.filter(() => Math.random() < 0.5)];
        for (const infoHash of some) {
          if (action === "announce") own.add(infoHash);
          else own.delete(infoHash);
        }
        if (some.length > 0) await client.request(action, some);
      }
    });
    await Promise.all(going);
  }

  function differences(): string[] {
    return followers.flatMap(({ told, port }) =>
      hashes.flatMap((infoHash) => {
        const truth = peers.flatMap(({ client, own }) => (own.has(infoHash) ? [client.peer] : [])).sort();
        const seen = presentBy(told, infoHash);
        return JSON.stringify(seen) === JSON.stringify(truth)
          ? []
          : [`at ${port} of ${infoHash.slice(0, 4)}: ${seen.length} instead of ${truth.length}`];
      }),
    );
  }

  return {
    hashes,
    get followers() {
      return followers;
    },
    churn,
    async follow(at: readonly number[]) {
      for (const port of at) {
        const follower = Object.assign(await connectLive(port), { port });
        followers.push(follower);
        await follower.request("subscribe", hashes);
      }
    },
    async expectTold(withinMs = 5_000) {
      for (const end = Date.now() + withinMs; differences().length > 0 && Date.now() < end;) await delay(20);
      expect(differences()).toEqual([]);
    },
    forget(port: number) {
      peers = peers.filter(({ client }) => client.isOpen());
      followers = followers.filter((follower) => follower.port !== port);
    },
    async close() {
      await Promise.all([...peers.map(({ client }) => client), ...followers].map((client) => client.close()));
    },
  } satisfies LiveStory;
}
