// Reads the hosts of a file: an address or a host name in the first column of each line, `#` starts a comment.
import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { CommandError } from "../errors.ts";
import { unreadable } from "../torrent/payload.ts";

export interface ListedHost {
  /** An address or a name, as written. */
  readonly host: string;
  /** From 1. */
  readonly line: number;
}

const STDIN = "/dev/stdin";
const HEADS = new Set(["address", "host", "hostname", "ip", "name", "server"]);
const HOST_NAME = /^[a-z0-9_]([a-z0-9_.-]{0,252}[a-z0-9_.])?$/i;

/** `-` is what is piped in. Throws `USAGE` with the line at fault, or that there is none. */
export async function readHostsFile(file: string): Promise<readonly ListedHost[]> {
  const text = await readFile(file === "-" ? STDIN : file, "utf8").catch((cause) =>
    Promise.reject(unreadable(file, cause)),
  );
  return parseHosts(text, file === "-" ? "stdin" : file);
}

/** Throws `USAGE`; `source` is named in it. */
export function parseHosts(text: string, source: string): readonly ListedHost[] {
  const cells = text.split("\n").map((line, index) => ({ host: firstCell(line), line: index + 1 }));
  const [first, ...others] = cells.filter(({ host }) => host !== "");
  const hosts = first === undefined || HEADS.has(first.host.toLowerCase()) ? others : [first, ...others];
  const wrong = hosts.find(({ host }) => isIP(host) === 0 && !HOST_NAME.test(host));
  if (wrong) {
    const message = `${source}:${wrong.line}: ${JSON.stringify(wrong.host)} is neither an address nor a host name; give one a line.`;
    throw new CommandError("USAGE", message);
  }
  if (hosts.length === 0) throw new CommandError("USAGE", `${source} names no host; give one a line.`);
  return hosts;
}

function firstCell(line: string): string {
  const [cell = ""] = line
    .replace(/(^|\s)#.*/, "")
    .trim()
    .split(/[,;\s]/, 1);
  return cell.replace(/^"(.*)"$/, "$1");
}
