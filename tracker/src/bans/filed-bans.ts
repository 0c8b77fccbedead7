// The bans of the ban file on top of those that control calls made.
import type { BanFile } from "./ban-file-reading.ts";
import type { BanSubject } from "./ban.ts";
import { type BanList, inOrderOfTime } from "./ban-list.ts";
import { BanError } from "./errors.ts";

/** What the file bans is found first, and `ban` and `unban` of it throw `BAN_IN_FILE`. */
export function withBanFile(list: BanList, { file, bans }: Pick<BanFile, "file" | "bans">): BanList {
  /** Answering `done` would be a lie while the file says otherwise. */
  function refuseFiled(subject: BanSubject): void {
    const filed = bans().find(subject);
    if (filed === undefined) return;
    const where = `line ${filed.line} of ${file}`;
    const remedy = "edit that line; the tracker reads the file again when it changes";
    throw new BanError("BAN_IN_FILE", `The ban of ${subject.kind} ${subject.value} is ${where}; ${remedy}.`);
  }

  return {
    lookup: (infoHash) => bans().lookup(infoHash) ?? list.lookup(infoHash),
    turnsAway: (announce) => bans().turnsAway(announce) ?? list.turnsAway(announce),
    find: (subject) => bans().find(subject) ?? list.find(subject),
    async ban(subject, reason, now) {
      refuseFiled(subject);
      return list.ban(subject, reason, now);
    },
    async unban(subject) {
      refuseFiled(subject);
      return list.unban(subject);
    },
    list: async () => inOrderOfTime([...bans().all(), ...(await list.list())]),
  };
}
