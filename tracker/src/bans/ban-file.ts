// The ban file: a ban on each line, such as `cidr 10.1.0.0/16 decommissioned`, and `#` before a comment.
import { BAN_KINDS, type Ban, type BanKind, LONGEST_REASON } from "./ban.ts";
import { readBanSubject } from "./ban-subject.ts";
import { type BanFault, banFileFaulty } from "./errors.ts";

/** A ban and where it is written. */
export interface FiledBan extends Ban {
  readonly line: number;
}

const WITHOUT_REASON = "by the operator of this tracker";
const WRITE_A_BAN =
  "write info-hash <40 hex digits>, cidr <range> or client <start of the peer id>, and a reason behind it";

/** `now` becomes the time of every ban. Throws `BAN_FILE_FAULTY` with everything that is wrong with the file. */
export function parseBanFile(text: string, file: string, now: number): readonly FiledBan[] {
  const faults: BanFault[] = [];
  const bans = new Map<string, FiledBan>();
  for (const [index, written] of text.split("\n").entries()) {
    const said = written.replace(/(^|\s)#.*$/s, "").trim();
    if (said === "") continue;
    const line = index + 1;
    const ban = readLine(said, line, now);
    const fault = "problem" in ban ? ban : contradiction(bans.get(keyOf(ban)), ban);
    if (fault !== undefined) faults.push({ source: `${file}:${line}`, text: said, ...fault });
    else if (!("problem" in ban)) bans.set(keyOf(ban), bans.get(keyOf(ban)) ?? ban);
  }
  if (faults.length > 0) throw banFileFaulty(file, faults);
  return [...bans.values()];
}

type LineFault = Pick<BanFault, "problem" | "remedy">;

function readLine(said: string, line: number, now: number): FiledBan | LineFault {
  const [, kind = "", value = "", reason = ""] = /^(\S+)(?:\s+(\S+))?(?:\s+(.*))?$/s.exec(said) ?? [];
  if (!isKind(kind)) return { problem: `begins with no kind of ban (${BAN_KINDS.join(", ")})`, remedy: WRITE_A_BAN };
  if (value === "") return { problem: `says not which ${kind}`, remedy: WRITE_A_BAN };
  const subject = readBanSubject(kind, value);
  if (!subject.ok) return subject;
  if (reason.length > LONGEST_REASON) {
    return { problem: `gives a reason of ${reason.length} characters`, remedy: `write at most ${LONGEST_REASON}` };
  }
  return { ...subject.value, reason: reason || WITHOUT_REASON, bannedAt: now, source: "file", line };
}

function contradiction(before: FiledBan | undefined, ban: FiledBan): LineFault | undefined {
  if (before === undefined || before.reason === ban.reason) return undefined;
  return { problem: `is banned on line ${before.line} for another reason`, remedy: "keep one of the two lines" };
}

function isKind(text: string): text is BanKind {
  return (BAN_KINDS as readonly string[]).includes(text);
}

function keyOf({ kind, value }: Ban): string {
  return `${kind} ${value}`;
}
