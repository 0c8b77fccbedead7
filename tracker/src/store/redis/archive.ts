// What becomes of a deactivated transfer's swarm: its keys are put aside, few at a time, and expire.
import type { RedisClient } from "../../redis/redis-connection.ts";
import { createScript } from "../../redis/script.ts";
import type { InfoHash } from "../../swarm/identifiers.ts";
import { type ArchiveName, archiveNameText, ARCHIVES, ARCHIVING, FIXED_KEYS } from "./archive-keys.ts";
import { parseArchiveName, PROGRESS } from "./archive-keys.ts";
import { SWARM_KEYS, swarmPrefix } from "./keys.ts";

export interface ArchiveOptions {
  readonly client: RedisClient;
  /** How long an archive is kept; more than 0. */
  readonly archiveDays: number;
}

export interface ArchivedSwarm extends ArchiveName {
  /** Milliseconds since the epoch; undefined while it is not complete. */
  readonly expiresAt: number | undefined;
}

/** All times are milliseconds since the epoch. Rejects with the client's own errors; every call may be repeated. */
export interface SwarmArchive {
  /**
   * Puts the swarm of a transfer that is not active aside: from now on nobody finds it, and the rest of the archive is for `continue`.
   * Resolves to undefined when the transfer is active, or has no swarm.
   */
  begin(infoHash: InfoHash, now: number): Promise<ArchiveName | undefined>;
  /** Moves about `most` more keys, each of which takes Redis about 8 µs. Resolves to whether the archive is complete. */
  continue(name: ArchiveName, most?: number): Promise<boolean>;
  /** To be awaited before a transfer is activated: resolves when nothing is left of a swarm it had. */
  finish(infoHash: InfoHash, now: number): Promise<void>;
  /** The newest `limit` archives, newest first. */
  list(limit: number): Promise<ArchivedSwarm[]>;
}

const DAY_MS = 86_400_000;
const MOST_KEYS = 50;
/** The job unlinks the large keys of an archive when it expires; Redis by itself, after this, would free each in one go (60,000 entries: 11 ms). */
const JOB_AHEAD_MS = 3_600_000;

export function createArchive({ client, archiveDays }: ArchiveOptions): SwarmArchive {
  const beginScript = createScript(client, new URL("../lua/archive-begin.lua", import.meta.url));
  const continueScript = createScript(client, new URL("../lua/archive-continue.lua", import.meta.url));
  const lifetimeMs = Math.round(archiveDays * DAY_MS);
  const indexes = [SWARM_KEYS.peers, SWARM_KEYS.departed, SWARM_KEYS.groups];

  /** Listed first: of an archive that is listed and was not begun, the job finds out what is to be done. */
  async function begin(infoHash: InfoHash, now: number): Promise<ArchiveName | undefined> {
    const name = { infoHash, datetime: new Date(now).toISOString() };
    await client.zadd(ARCHIVES, "NX", 0, archiveNameText(name));
    return (await beginListed(name)) ? name : undefined;
  }

  async function beginListed(name: ArchiveName): Promise<boolean> {
    const { swarm, archive, archiving, progress } = keysOf(name);
    const fixed = [archive, name.datetime, lifetimeMs, JOB_AHEAD_MS, ...FIXED_KEYS];
    for (;;) {
      const reply = await beginScript.run([swarm + SWARM_KEYS.transfer, archiving, progress], [swarm, ...fixed]);
      const [outcome, datetime] = reply as [string, string?];
      if (outcome === "begun") return true;
      if (outcome === "other" && datetime !== undefined) {
        await complete({ infoHash: name.infoHash, datetime });
      } else {
        await client.zrem(ARCHIVES, archiveNameText(name));
        return false;
      }
    }
  }

  async function complete(name: ArchiveName): Promise<void> {
    while (!(await advance(name)));
  }

  async function advance(name: ArchiveName, most = MOST_KEYS): Promise<boolean> {
    const { swarm, archive, archiving, progress } = keysOf(name);
    const reply = await continueScript.run([archiving, progress], [swarm, archive, most, ...indexes]);
    const [outcome, expires] = reply as [string, string?];
    if (outcome === "unknown") return !(await beginListed(name));
    if (outcome === "done") await client.zadd(ARCHIVES, Number(expires), archiveNameText(name));
    return outcome === "done";
  }

  return {
    begin,
    continue: advance,
    async finish(infoHash, now) {
      const datetime = await client.get(swarmPrefix(infoHash) + ARCHIVING);
      if (datetime !== null) await complete({ infoHash, datetime });
      // What a tracker that died in between did not put aside.
      const forgotten = await begin(infoHash, now);
      if (forgotten !== undefined) await complete(forgotten);
    },
    async list(limit) {
      const listed = await client.zrevrange(ARCHIVES, 0, limit - 1, "WITHSCORES");
      return listed
        .flatMap((text, at) => (at % 2 === 0 ? describe(text, Number(listed[at + 1])) : []))
        .sort(byDatetime);
    },
  };
}

function keysOf(name: ArchiveName) {
  const swarm = swarmPrefix(name.infoHash);
  const archive = `${archiveNameText(name)}:`;
  return { swarm, archive, archiving: swarm + ARCHIVING, progress: archive + PROGRESS };
}

function describe(text: string, score: number): ArchivedSwarm[] {
  const name = parseArchiveName(text);
  return name === undefined ? [] : [{ ...name, expiresAt: score === 0 ? undefined : score }];
}

function byDatetime(one: ArchivedSwarm, other: ArchivedSwarm): number {
  return other.datetime < one.datetime ? -1 : 1;
}
