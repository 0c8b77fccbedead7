// What a real rtorrent complains of: its output, and the warnings and errors of its log.
import { readFile } from "node:fs/promises";
import type { RtorrentProcess } from "@rackcast/deployer-cli/rtorrent";

// rtorrent's own remark on the option -n, which is how it has to be started.
const EXPECTED_REMARK = "Ignoring rtorrent.rc.";

/** Log lines read `<time> <level> <text>`; levels up to W are complaints. */
export async function complaintsOf(rtorrent: RtorrentProcess, logFile: string): Promise<string[]> {
  const lines = (await readFile(logFile, "utf8")).split("\n").filter((line) => line !== "");
  if (!lines.some((line) => line.endsWith(EXPECTED_REMARK))) throw new Error(`${logFile} is not the log of a start`);
  const bad = lines.filter((line) => /^\d+ [CEW] /.test(line) && !line.endsWith(EXPECTED_REMARK));
  return rtorrent.output() === "" ? bad : [rtorrent.output(), ...bad];
}
