// How a tracker process is started: the tracker's own entry, under this process' Node and its flags.
import { fileURLToPath } from "node:url";

export interface TrackerInvocation {
  readonly executable: string;
  readonly args: readonly string[];
}

/** `args` are the tracker's own, such as `--port 6969`. */
export function trackerInvocation(args: readonly string[]): TrackerInvocation {
  const entry = fileURLToPath(import.meta.resolve("@rackcast/tracker/main"));
  return { executable: process.execPath, args: [...process.execArgv, entry, ...args] };
}
