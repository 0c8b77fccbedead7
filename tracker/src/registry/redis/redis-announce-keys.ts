// The announce keys that trackers share, mirrored in memory for the announce path.
import { issued, rotated } from "../announce-key-changes.ts";
import { type AnnounceKeyIndex, createAnnounceKeyIndex } from "../announce-key-index.ts";
import type { AnnounceKey, AnnounceKeys, FormerKey, IssuedKey } from "../announce-keys.ts";
import { contended } from "../errors.ts";
import { shareRuns } from "../shared-runs.ts";
import { parseObject } from "./json-object.ts";
import { foreignData, type RegistryAccess } from "./registry-access.ts";
import { REGISTRY_KEYS } from "./registry-keys.ts";
import { isoTime } from "./transfer-hash.ts";
import { readCounter } from "./transfer-index.ts";

export interface RedisAnnounceKeys extends AnnounceKeys {
  /** Brings the mirror up to date with what other trackers changed. */
  refresh(): Promise<void>;
}

const MOST_ATTEMPTS = 20;
/** Whoever is further behind reads all keys anew. */
const CHANGES_REMEMBERED = 1000;
const UNCERTAIN = -1;

const { announceKeys, announceKeysVersion, announceKeyChanges } = REGISTRY_KEYS;

export async function openRedisAnnounceKeys(access: RegistryAccess): Promise<RedisAnnounceKeys> {
  const changeKey = access.script("change-announce-key");
  let mirror: AnnounceKeyIndex = createAnnounceKeyIndex();
  let version = UNCERTAIN;

  /** Not two at a time, so that what was read earlier never replaces what was read later. */
  const refresh = shareRuns(async () => {
    const known = version;
    // After a failure Redis may have lost changes and counted others since.
    version = UNCERTAIN;
    const latest = await readCounter(access, announceKeysVersion);
    if (known === UNCERTAIN || latest < known || latest - known > CHANGES_REMEMBERED) await readAll();
    else if (latest > known) await readChanges(known);
    version = latest;
  });

  async function readAll(): Promise<void> {
    const found = await access.ask(announceKeys, (client, key) => client.hgetall(key));
    mirror = createAnnounceKeyIndex(Object.entries(found).map(([user, text]) => parseRecord(user, text)));
  }

  async function readChanges(since: number): Promise<void> {
    const users = await access.ask(announceKeyChanges, (client, key) =>
      client.zrange(key, `(${since}`, "+inf", "BYSCORE"),
    );
    if (users.length === 0) return readAll();
    const texts = await access.ask(announceKeys, (client, key) => client.hmget(key, ...users));
    for (const [index, user] of users.entries()) {
      const text = texts[index] ?? undefined;
      if (text === undefined) mirror.remove(user);
      else mirror.set(parseRecord(user, text));
    }
  }

  /** `next` of what is there becomes what is there. */
  async function change<Next extends Pick<IssuedKey, "record"> | undefined>(
    user: string,
    next: (before: AnnounceKey | undefined) => Next,
  ): Promise<{ before: AnnounceKey | undefined; made: Next }> {
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      const text = await access.ask(announceKeys, (client, key) => client.hget(key, user));
      const before = text === null ? undefined : parseRecord(user, text);
      const made = next(before);
      if (before === undefined && made === undefined) return { before, made };
      const texts = [text ?? "", printRecord(made?.record)];
      const keys = [announceKeys, announceKeysVersion, announceKeyChanges];
      if ((await changeKey(keys, [user, ...texts, CHANGES_REMEMBERED])) !== 1) continue;
      await refresh();
      return { before, made };
    }
    throw contended(`The announce key of ${user}`);
  }

  await refresh();
  return {
    refresh,
    userOf: (key, now) => mirror.userOf(key, now),
    issue: async (user, now) => (await change(user, (before) => issued(before, user, now))).made,
    rotate: async (user, graceSeconds, now) =>
      (await change(user, (before) => rotated(before, { user, graceSeconds }, now))).made,
    revoke: async (user) => (await change(user, () => undefined)).before,
    async list() {
      await refresh();
      return mirror.all();
    },
  };
}

function printRecord(record: AnnounceKey | undefined): string {
  if (record === undefined) return "";
  const { digest, issuedAt, rotatedAt, former } = record;
  return JSON.stringify({
    digest,
    issued: isoTime(issuedAt),
    ...(rotatedAt !== undefined && { rotated: isoTime(rotatedAt) }),
    former: former.map((one) => ({ digest: one.digest, until: isoTime(one.until) })),
  });
}

function parseRecord(user: string, text: string): AnnounceKey {
  const fields = parseObject(text) ?? {};
  const { digest, issued: issuedText, rotated: rotatedText, former } = fields;
  const issuedAt = timeIn(issuedText);
  const rotatedAt = timeIn(rotatedText);
  const keys = Array.isArray(former) ? former.map(parseFormer) : [undefined];
  const isWhole = keys.every((one) => one !== undefined);
  if (typeof digest !== "string" || issuedAt === undefined || !isWhole)
    throw foreignData(announceKeys, `has ${JSON.stringify(text)} as its field ${JSON.stringify(user)}`);
  return { user, digest, issuedAt, rotatedAt, former: keys };
}

function parseFormer(value: unknown): FormerKey | undefined {
  const { digest, until } = Object(value) as Record<string, unknown>;
  const time = timeIn(until);
  return typeof digest === "string" && time !== undefined ? { digest, until: time } : undefined;
}

/** Undefined for what is no time. */
function timeIn(value: unknown): number | undefined {
  const time = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}
