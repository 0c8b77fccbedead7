// The ban list that trackers share, mirrored in memory for the announce path.
import type { InfoHash } from "../../swarm/identifiers.ts";
import { type Ban, type BanList, inOrderOfTime } from "../ban-list.ts";
import { contended } from "../errors.ts";
import { shareRuns } from "../shared-runs.ts";
import { parseObject } from "./json-object.ts";
import { foreignData, type RegistryAccess } from "./registry-access.ts";
import { hashOf, parseHash, REGISTRY_KEYS } from "./registry-keys.ts";
import { readCounter } from "./transfer-index.ts";

export interface RedisBans extends BanList {
  /** Brings the mirror up to date with what other trackers changed. */
  refresh(): Promise<void>;
}

const MOST_ATTEMPTS = 20;

export async function openRedisBans(access: RegistryAccess): Promise<RedisBans> {
  const { bans, bansVersion } = REGISTRY_KEYS;
  const changeBan = access.script("change-ban");
  let mirror = new Map<InfoHash, Ban>();
  let version = -1;

  /** Not two at a time, so that what was read earlier never replaces what was read later. */
  const refresh = shareRuns(async () => {
    const known = version;
    // After a failure Redis may have lost changes and counted others since.
    version = -1;
    const latest = await readCounter(access, bansVersion);
    if (latest === known) version = known;
    else await load(latest);
  });

  async function load(latest: number): Promise<void> {
    const found = await access.ask(bans, (client, key) => client.hgetall(key));
    const read = Object.entries(found).map(([hash, text]) => parseBan(hash, text));
    mirror = new Map(read.map((ban) => [ban.infoHash, ban]));
    version = latest;
  }

  /** `next` of what is there becomes what is there; the same object when nothing is to change. */
  async function change(infoHash: InfoHash, next: (ban: Ban | undefined) => Ban | undefined): Promise<Ban | undefined> {
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      const text = await access.ask(bans, (client, key) => client.hget(key, hashOf(infoHash)));
      const before = text === null ? undefined : parseBan(hashOf(infoHash), text);
      const after = next(before);
      if (after === before) return before;
      const written = await changeBan([bans, bansVersion], [hashOf(infoHash), text ?? "", printBan(after)]);
      if (written !== 1) continue;
      await refresh();
      return after ?? before;
    }
    throw contended(`The ban of ${infoHash}`);
  }

  await refresh();
  return {
    refresh,
    lookup: (infoHash) => mirror.get(infoHash),
    async ban(infoHash, reason, now) {
      const ban = { infoHash, reason, bannedAt: now };
      const done = await change(infoHash, (before) => {
        if (before === undefined) return ban;
        return before.reason === reason ? before : { ...before, reason };
      });
      return done ?? ban;
    },
    unban: (infoHash) => change(infoHash, () => undefined),
    async list() {
      await refresh();
      return inOrderOfTime(mirror.values());
    },
  };
}

function printBan(ban: Ban | undefined): string {
  return ban === undefined ? "" : JSON.stringify({ reason: ban.reason, banned: new Date(ban.bannedAt).toISOString() });
}

function parseBan(hash: string, text: string): Ban {
  const infoHash = parseHash(hash);
  const { reason, banned } = parseObject(text) ?? {};
  const bannedAt = typeof banned === "string" ? Date.parse(banned) : Number.NaN;
  if (infoHash === undefined || typeof reason !== "string" || Number.isNaN(bannedAt)) {
    throw foreignData(REGISTRY_KEYS.bans, `has ${JSON.stringify(text)} as its field ${JSON.stringify(hash)}`);
  }
  return { infoHash, reason, bannedAt };
}
