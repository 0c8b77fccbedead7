// Where a deploy keeps what it works with: one folder a release, held by one deploy at a time.
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { CommandError, systemErrorCode } from "../errors.ts";
import { unwritable } from "../torrent/torrent-writing.ts";

export interface ReleaseFolder {
  readonly path: string;
  /** Removes it, and lets others have the release. */
  close(): Promise<void>;
}

/** `$XDG_STATE_HOME/rackcast`, `~/.local/state/rackcast`; in a CI job without a home, below the folder of temporary files. */
function stateFolder(env: NodeJS.ProcessEnv): string {
  if (env["RACKCAST_STATE"]) return env["RACKCAST_STATE"];
  if (env["XDG_STATE_HOME"]) return join(env["XDG_STATE_HOME"], "rackcast");
  if (env["HOME"]) return join(homedir(), ".local/state/rackcast");
  return join(tmpdir(), `rackcast-${process.getuid?.() ?? 0}`);
}

/** Whatever a deploy that was killed left in it is cleared. Throws `DEPLOY_RUNNING` while another deploy of it goes on here. */
export async function openReleaseFolder(env: NodeJS.ProcessEnv, infoHash: string): Promise<ReleaseFolder> {
  // Short, as the path of the seeder's socket in it may have about a hundred bytes, and homes of CI users are deep.
  const path = join(stateFolder(env), infoHash.slice(0, 12));
  const lock = `${path}.pid`;
  await mkdir(stateFolder(env), { recursive: true, mode: 0o700 }).catch((cause) =>
    Promise.reject(unwritable(path, cause)),
  );
  await takeLock(lock);
  await rm(path, { recursive: true, force: true });
  await mkdir(path);
  return {
    path,
    close: async () => {
      await rm(path, { recursive: true, force: true });
      await rm(lock, { force: true });
    },
  };
}

async function takeLock(lock: string): Promise<void> {
  try {
    await writeFile(lock, String(process.pid), { flag: "wx" });
  } catch (cause) {
    if (systemErrorCode(cause) !== "EEXIST") throw unwritable(lock, cause);
    const holder = Number(await readFile(lock, "utf8").catch(() => ""));
    if (await isDeploying(holder)) throw running(holder);
    await rm(lock, { force: true });
    await takeLock(lock);
  }
}

/** Process ids are used again: one that is no command of ours did not take the lock. */
async function isDeploying(pid: number): Promise<boolean> {
  if (!(pid > 0) || pid === process.pid) return false;
  const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  return /\0(deploy|rollback)\0/.test(command);
}

function running(pid: number): CommandError {
  const remedy = `wait for it, or end it (kill ${pid}) and run this again: it goes on where that one was`;
  return new CommandError("DEPLOY_RUNNING", `Process ${pid} is deploying this release from here; ${remedy}.`);
}
