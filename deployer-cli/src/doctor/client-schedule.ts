// Does the client announce by itself every few seconds while it is incomplete? Steering needs it; rtorrent does not list its schedules.
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type Check, failed, type Finding, ok, skipped } from "./check.ts";
import type { ClientProbe } from "./client-probe.ts";

const SCHEDULE = /^\s*schedule2?\s*=\s*[^,]+,\s*(\d+)\s*,\s*(\d+)\s*,.*d\.tracker_announce/m;
/** rtorrent ends itself for more than 10 requests to a tracker in 10 s. */
const SHORTEST_SECONDS = 2;
const LONGEST_SECONDS = 60;
const RENDER =
  "Use the configuration of: rackcast config render rtorrent, and start it with: rtorrent -n -o import=FILE";

export function clientSchedule(client: ClientProbe): Check {
  return {
    name: "client: schedule",
    run: async () => {
      const commandLine = (await client.processFile("cmdline"))?.split("\0") ?? [];
      const file = importedFile(commandLine);
      if (file === undefined) return skipped("which configuration rtorrent was started with cannot be seen", RENDER);
      const path = resolve(await client.askText("system.cwd"), file);
      const text = await readFile(path, "utf8").catch(() => undefined);
      if (text === undefined)
        return skipped(`${path} cannot be read by this user`, "Run rackcast doctor as the client's user.");
      return judgeSchedule(path, text);
    },
  };
}

/** The file of `-o import=FILE`. */
export function importedFile(commandLine: readonly string[]): string | undefined {
  return commandLine.map((argument) => /^(?:-o)?import=(.+)$/.exec(argument)?.[1]).find((file) => file !== undefined);
}

export function judgeSchedule(path: string, text: string): Finding {
  const seconds = Number(SCHEDULE.exec(text)?.[2] ?? Number.NaN);
  if (Number.isNaN(seconds)) return failed(`${path} has no announce schedule`, RENDER);
  const seen = `${path} announces every ${seconds} s`;
  if (seconds < SHORTEST_SECONDS) return failed(`${seen}, for which rtorrent ends itself`, "Take 2 s or more.");
  if (seconds > LONGEST_SECONDS)
    return failed(`${seen}, too seldom to be steered`, "Take what ANNOUNCE_EVERY of the tracker says.");
  return ok(seen);
}
