// May a process open as many files as it needs?
import { readFile } from "node:fs/promises";
import { type Check, failed, type Finding, ok, skipped } from "./check.ts";
import type { ClientProbe } from "./client-probe.ts";

/** Of a command that asks about hosts many at a time. */
const NEEDED_HERE = 256;
/** Beside what it counts by itself: logs, session files, sockets it listens on. */
const RESERVED = 32;

export function openFilesHere(): Check {
  return {
    name: "machine: open files",
    run: async () =>
      judgeOpenFiles("this process", NEEDED_HERE, await readFile("/proc/self/limits", "utf8").catch(() => undefined)),
  };
}

export function openFilesOfClient(client: ClientProbe): Check {
  return {
    name: "client: open files",
    run: async () => {
      const counts = ["network.max_open_files", "network.max_open_sockets", "network.http.max_open"];
      const answers = await Promise.all(counts.map(async (method) => Number(await client.ask(method))));
      const needed = answers.reduce((sum, count) => sum + count, RESERVED);
      return judgeOpenFiles("rtorrent", needed, await client.processFile("limits"));
    },
  };
}

/** `limits` is the text of `/proc/<pid>/limits`. */
export function judgeOpenFiles(who: string, needed: number, limits: string | undefined): Finding {
  const soft = /^Max open files\s+(\d+|unlimited)/m.exec(limits ?? "")?.[1];
  if (soft === undefined) return skipped(`the limits of ${who} cannot be read here`);
  const allowed = soft === "unlimited" ? Infinity : Number(soft);
  if (allowed >= needed) return ok(`${who} may open ${soft} files, and needs ${needed} at most`);
  const remedy = `Raise its limit to ${needed} or more (LimitNOFILE= of a systemd unit, ulimit -n), or lower what it opens.`;
  return failed(`${who} may open ${soft} files, and may need ${needed}`, remedy);
}
