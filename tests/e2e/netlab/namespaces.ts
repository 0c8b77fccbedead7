// Names of the lab's network namespaces, and their removal: every one is `rc<pid>-…` of the process that made it.
import { execFile, execFileSync } from "node:child_process";
import { promisify } from "node:util";

const execute = promisify(execFile);
const LAB_NAMESPACE = /^rc(\d+)-/;

/** What every namespace of a process's lab begins with. */
export function labPrefix(pid: number): string {
  return `rc${pid}-`;
}

/** The lab namespaces whose names begin so. */
export async function namespacesWith(prefix: string): Promise<string[]> {
  return (await labNamespaces()).filter((name) => name.startsWith(prefix));
}

/** Kills what still runs in the namespaces, then deletes them and with them every link. */
export async function removeNamespaces(names: readonly string[]): Promise<void> {
  for (const name of names) {
    const { stdout } = await execute("ip", ["netns", "pids", name]);
    for (const pid of stdout.split("\n").filter(Boolean)) killIfAlive(Number(pid));
    await execute("ip", ["netns", "delete", name]);
  }
}

/** Removes labs whose process is gone; answers how many namespaces that were. */
export async function removeStaleLabs(): Promise<number> {
  const stale = (await labNamespaces()).filter((name) => !isAlive(Number(LAB_NAMESPACE.exec(name)?.[1])));
  await removeNamespaces(stale);
  return stale.length;
}

/** The last resort when the process must end at once. */
export function removeNamespacesNow(pid: number): void {
  for (const name of parseNames(execFileSync("ip", ["netns", "list"], { encoding: "utf8" }))) {
    if (!name.startsWith(labPrefix(pid))) continue;
    const pids = execFileSync("ip", ["netns", "pids", name], { encoding: "utf8" });
    for (const member of pids.split("\n").filter(Boolean)) killIfAlive(Number(member));
    execFileSync("ip", ["netns", "delete", name]);
  }
}

/** Whether a process with this id exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

async function labNamespaces(): Promise<string[]> {
  const { stdout } = await execute("ip", ["netns", "list"]);
  return parseNames(stdout).filter((name) => LAB_NAMESPACE.test(name));
}

// `ip netns list` prints `name` or `name (id: 3)`.
function parseNames(printed: string): string[] {
  return printed
    .split("\n")
    .map((line) => line.split(" ")[0] ?? "")
    .filter(Boolean);
}

function killIfAlive(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
