// Is there room where the client stores payloads, and may it write there?
import { stat, statfs } from "node:fs/promises";
import { formatBytes } from "../output/units.ts";
import { systemErrorCode } from "../errors.ts";
import { type Check, failed, type Finding, ok, warning } from "./check.ts";
import type { ClientProbe } from "./client-probe.ts";

const GIB = 2 ** 30;
const SCARCE_SHARE = 0.05;

export interface Directory {
  readonly path: string;
  readonly freeBytes: number;
  readonly sizeBytes: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** Whom the system takes a process for. */
export interface ProcessUser {
  readonly uid: number;
  readonly gids: readonly number[];
}

export function downloadDirectory(client: ClientProbe): Check {
  return {
    name: "client: disk",
    run: async () => {
      const path = await client.askText("directory.default");
      const user = parseProcessUser((await client.processFile("status")) ?? "");
      const directory = await look(path).catch((error: unknown) => systemErrorCode(error) ?? String(error));
      if (typeof directory !== "string") return judgeDirectory(directory, user);
      return failed(
        `${path} cannot be seen: ${directory}`,
        "Make it, for the client's user, or set directory.default to another.",
      );
    },
  };
}

async function look(path: string): Promise<Directory> {
  const [{ mode, uid, gid }, { bavail, blocks, bsize }] = await Promise.all([stat(path), statfs(path)]);
  return { path, mode, uid, gid, freeBytes: bavail * bsize, sizeBytes: blocks * bsize };
}

/** `status` is the text of `/proc/<pid>/status`; the second number of each line is the effective id. */
export function parseProcessUser(status: string): ProcessUser | undefined {
  const numbers = (name: string) => {
    const line = new RegExp(`^${name}:\\s*(.*)$`, "m").exec(status)?.[1];
    return line?.trim().split(/\s+/).filter(Boolean).map(Number);
  };
  const [uid, gid] = [numbers("Uid")?.[1], numbers("Gid")?.[1]];
  return uid === undefined || gid === undefined ? undefined : { uid, gids: [gid, ...(numbers("Groups") ?? [])] };
}

/** `user` is the client's; undefined where it cannot be seen. */
export function judgeDirectory(directory: Directory, user: ProcessUser | undefined): Finding {
  const { path, freeBytes, sizeBytes } = directory;
  const seen = `${path} has ${formatBytes(freeBytes)} free of ${formatBytes(sizeBytes)}`;
  if (user && !mayWrite(directory, user)) {
    return failed(
      `rtorrent (user ${user.uid}) may not write to ${path}`,
      `Give it to that user: chown ${user.uid} ${path}`,
    );
  }
  if (freeBytes === 0)
    return failed(`${path} is full`, "Deactivate and remove old releases, or give it a larger disk.");
  const isScarce = freeBytes < GIB || freeBytes < SCARCE_SHARE * sizeBytes;
  return isScarce ? warning(seen, "See that the next release fits; remove old ones.") : ok(seen);
}

/** By the bits of owner, group and others; root may everywhere. */
function mayWrite({ mode, uid, gid }: Directory, user: ProcessUser): boolean {
  if (user.uid === 0) return true;
  if (user.uid === uid) return (mode & 0o300) === 0o300;
  return user.gids.includes(gid) ? (mode & 0o030) === 0o030 : (mode & 0o003) === 0o003;
}
