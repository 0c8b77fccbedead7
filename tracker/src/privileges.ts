// A tracker that is started as root to open low ports, and then runs as a user that may do less.
import { userInfo } from "node:os";
import process from "node:process";
import { StartupError } from "./startup-error.ts";

export interface Privileges {
  /** Does what touches files, so that they are the user's own and what it may not read is noticed at the start. One at a time. */
  asUser<Result>(work: () => Promise<Result>): Promise<Result>;
  /**
   * What programs are to be started through, at any time. As long as this process may become root again, so may what it starts: ids
   * that are effective alone are given up by every shell.
   */
  readonly programPrefix: readonly string[];
  /** For good. Throws `RUN_AS_FAILED` when it did not come to pass. */
  drop(): void;
}

const ROOT = 0;
const KEPT: Privileges = { asUser: (work) => work(), programPrefix: [], drop: () => {} };

interface Account {
  readonly uid: number;
  readonly gid: number;
  /** Undefined for a number that no user has. */
  readonly name: string | undefined;
}

/**
 * Of a process that stays root until it drops them; `runAs` is `user` or `user:group`, each a name or a number, and
 * undefined keeps them. Throws `RUN_AS_WITHOUT_ROOT` and `RUN_AS_UNKNOWN`.
 */
export function takePrivileges(runAs: string | undefined): Privileges {
  if (runAs === undefined) return KEPT;
  const ids = systemIds();
  if (ids === undefined || ids.geteuid() !== ROOT) {
    throw new StartupError("RUN_AS_WITHOUT_ROOT", `only root can become ${runAs}, and this process is not root`);
  }
  const account = findAccount(ids, runAs);
  const ownGroup = ids.getegid();
  // While it is root, and before the ids that it would need for it are gone.
  if (account.name === undefined) ids.setgroups([account.gid]);
  else ids.initgroups(account.name, account.gid);

  return {
    async asUser(work) {
      ids.setegid(account.gid);
      ids.seteuid(account.uid);
      try {
        return await work();
      } finally {
        ids.seteuid(ROOT);
        ids.setegid(ownGroup);
      }
    },
    // The groups are the user's already, and only root could set them.
    programPrefix: ["setpriv", `--reuid=${account.uid}`, `--regid=${account.gid}`, "--keep-groups", "--"],
    drop() {
      // The group first: whoever is no longer root may not change it.
      ids.setgid(account.gid);
      ids.setuid(account.uid);
      if (!isDropped(ids, account)) throw new StartupError("RUN_AS_FAILED", `the system did not make this ${runAs}`);
    },
  };
}

type SystemIds = NonNullable<ReturnType<typeof systemIds>>;

/** The types of Node.js leave one out. */
type PosixProcess = NodeJS.Process & { readonly initgroups?: (user: string | number, extraGroup: number) => void };

/** Undefined where the system knows no such ids. */
function systemIds() {
  const posix: PosixProcess = process;
  const { getuid, geteuid, getgid, getegid, setuid, seteuid, setgid, setegid, setgroups, initgroups } = posix;
  if (!getuid || !geteuid || !getgid || !getegid || !setuid || !seteuid) return undefined;
  if (!setgid || !setegid || !setgroups || !initgroups) return undefined;
  return { getuid, geteuid, getgid, getegid, setuid, seteuid, setgid, setegid, setgroups, initgroups };
}

/** The system's own lookup tells of a name only to who has its ids, so they are taken for that moment. */
function findAccount(ids: SystemIds, runAs: string): Account {
  const [user = "", group] = runAs.split(":");
  const { uid, ownGid, name } = findUser(ids, user);
  if (uid === ROOT) throw unknownAccount(`${user} is root itself`);
  const gid = group === undefined ? ownGid : findGroup(ids, group);
  if (gid === undefined) throw unknownAccount(`${user} is no user with a group of its own`);
  return { uid, gid, name };
}

function findUser(ids: SystemIds, user: string) {
  try {
    ids.seteuid(idOf(user));
  } catch (cause) {
    throw unknownAccount(`there is no user ${user}`, cause);
  }
  try {
    const uid = ids.geteuid();
    const known = userOf();
    return { uid, ownGid: known?.gid, name: known?.username };
  } finally {
    ids.seteuid(ROOT);
  }
}

/** Of the effective user; undefined for a number without a name. */
function userOf() {
  try {
    return userInfo();
  } catch {
    return undefined;
  }
}

function findGroup(ids: SystemIds, group: string): number {
  const own = ids.getegid();
  try {
    ids.setegid(idOf(group));
    return ids.getegid();
  } catch (cause) {
    throw unknownAccount(`there is no group ${group}`, cause);
  } finally {
    ids.setegid(own);
  }
}

function isDropped(ids: SystemIds, { uid, gid }: Account): boolean {
  const are = [ids.getuid(), ids.geteuid()].every((id) => id === uid);
  const areGroups = [ids.getgid(), ids.getegid()].every((id) => id === gid);
  return are && areGroups && !canReturn(ids);
}

function canReturn(ids: SystemIds): boolean {
  try {
    ids.setuid(ROOT);
    return true;
  } catch {
    return false;
  }
}

/** Digits are an id, and to the system's calls a name unless they come as a number. */
function idOf(text: string): string | number {
  return /^\d+$/.test(text) ? Number(text) : text;
}

function unknownAccount(problem: string, cause?: unknown): StartupError {
  return new StartupError("RUN_AS_UNKNOWN", problem, { cause });
}
