// The ban list that trackers share, mirrored in memory for the announce path.
import { type Ban, BAN_KINDS, type BanSubject } from "../../bans/ban.ts";
import { type BanIndex, createBanIndex } from "../../bans/ban-index.ts";
import { type BanList, inOrderOfTime } from "../../bans/ban-list.ts";
import { readBanSubject } from "../../bans/ban-subject.ts";
import { contended } from "../errors.ts";
import { shareRuns } from "../shared-runs.ts";
import { parseObject } from "./json-object.ts";
import { foreignData, type RegistryAccess } from "./registry-access.ts";
import { REGISTRY_KEYS } from "./registry-keys.ts";
import { readCounter } from "./transfer-index.ts";

export interface RedisBans extends BanList {
  /** Brings the mirror up to date with what other trackers changed. */
  refresh(): Promise<void>;
}

const MOST_ATTEMPTS = 20;

export async function openRedisBans(access: RegistryAccess): Promise<RedisBans> {
  const { bans, bansVersion } = REGISTRY_KEYS;
  const changeBan = access.script("change-ban");
  let mirror: BanIndex = createBanIndex();
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
    mirror = createBanIndex(Object.entries(found).map(([field, text]) => parseBan(field, text)));
    version = latest;
  }

  /** `next` of what is there becomes what is there; the same object when nothing is to change. */
  async function change(
    subject: BanSubject,
    next: (ban: Ban | undefined) => Ban | undefined,
  ): Promise<Ban | undefined> {
    const field = fieldOf(subject);
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      const text = await access.ask(bans, (client, key) => client.hget(key, field));
      const before = text === null ? undefined : parseBan(field, text);
      const after = next(before);
      if (after === before) return before;
      const written = await changeBan([bans, bansVersion], [field, text ?? "", printBan(after)]);
      if (written !== 1) continue;
      await refresh();
      return after ?? before;
    }
    throw contended(`The ban of ${subject.kind} ${subject.value}`);
  }

  await refresh();
  return {
    refresh,
    lookup: (infoHash) => mirror.lookup(infoHash),
    turnsAway: (announce) => mirror.turnsAway(announce),
    find: (subject) => mirror.find(subject),
    async ban({ kind, value }, reason, now) {
      const ban: Ban = { kind, value, reason, bannedAt: now, source: "api" };
      const done = await change(ban, (before) => {
        if (before === undefined) return ban;
        return before.reason === reason ? before : { ...before, reason };
      });
      return done ?? ban;
    },
    unban: (subject) => change(subject, () => undefined),
    async list() {
      await refresh();
      return inOrderOfTime(mirror.all());
    },
  };
}

/** An info-hash is a field as keys spell it, for `redis-cli`; the others are `cidr:10.0.0.0/8` and `client:-XL`. */
function fieldOf({ kind, value }: BanSubject): string {
  return kind === "info-hash" ? value.toUpperCase() : `${kind}:${value}`;
}

function parseField(field: string): BanSubject | undefined {
  const colon = field.indexOf(":");
  const kind = colon < 0 ? "info-hash" : BAN_KINDS.find((one) => one === field.slice(0, colon));
  const read = kind && readBanSubject(kind, field.slice(colon + 1));
  return read?.ok === true && fieldOf(read.value) === field ? read.value : undefined;
}

function printBan(ban: Ban | undefined): string {
  return ban === undefined ? "" : JSON.stringify({ reason: ban.reason, banned: new Date(ban.bannedAt).toISOString() });
}

function parseBan(field: string, text: string): Ban {
  const subject = parseField(field);
  const { reason, banned } = parseObject(text) ?? {};
  const bannedAt = typeof banned === "string" ? Date.parse(banned) : Number.NaN;
  if (subject === undefined || typeof reason !== "string" || Number.isNaN(bannedAt)) {
    throw foreignData(REGISTRY_KEYS.bans, `has ${JSON.stringify(text)} as its field ${JSON.stringify(field)}`);
  }
  return { ...subject, reason, bannedAt, source: "api" };
}
