// Are the programs here that deploys use, in a version that will do?
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { systemErrorCode } from "../errors.ts";
import { type Check, failed, type Finding, ok, warning } from "./check.ts";

interface Program {
  readonly name: string;
  readonly args: readonly string[];
  /** Where the version stands in what it prints. */
  readonly version: RegExp;
  readonly oldest: string;
  readonly needed: string;
  readonly install: string;
}

const PROGRAMS: readonly Program[] = [
  {
    name: "rtorrent",
    args: ["-h"],
    version: /version (\d[\d.]*)/,
    oldest: "0.9.8",
    needed: "on hosts and origins, and for rackcast demo",
    install: "apt install rtorrent",
  },
  {
    name: "ansible",
    args: ["--version"],
    version: /core (\d[\d.]*)/,
    oldest: "2.12",
    needed: "for deploys by ansible",
    install: "apt install ansible",
  },
  {
    name: "openssl",
    args: ["version"],
    version: /OpenSSL (\d[\d.]*)/,
    oldest: "3.0",
    needed: "on hosts that check signatures",
    install: "apt install openssl",
  },
];

const OLDEST_NODE = "24";
const PROGRAM_MS = 6000;

export function programs(env: NodeJS.ProcessEnv): Check[] {
  return PROGRAMS.map((program) => ({
    name: `machine: ${program.name}`,
    run: async (signal: AbortSignal) => judgeProgram(program, await printedBy(program, env, signal)),
  }));
}

export function nodeVersion(version: string): Check {
  return { name: "machine: node", run: async () => judgeNode(version) };
}

export function judgeNode(version: string): Finding {
  if (!isOlder(version, OLDEST_NODE)) return ok(`Node.js ${version}`);
  return failed(
    `Node.js ${version} is older than ${OLDEST_NODE}`,
    "Install rackcast by npm, which brings the right one along.",
  );
}

/** Undefined where there is no such program. */
async function printedBy(
  { name, args }: Program,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await promisify(execFile)(name, [...args], { env, signal, timeout: PROGRAM_MS });
    return stdout + stderr;
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

function judgeProgram(program: Program, printed: string | undefined): Finding {
  const { name, oldest, needed, install } = program;
  if (printed === undefined) return warning(`${name} is not installed`, `It is needed ${needed}: ${install}`);
  const version = program.version.exec(printed)?.[1]?.replace(/\.$/, "");
  if (version === undefined)
    return warning(`${name} does not say its version`, `See what it prints: ${name} ${program.args.join(" ")}`);
  if (!isOlder(version, oldest)) return ok(`${name} ${version}`);
  return warning(`${name} ${version} is older than ${oldest}`, `It is needed ${needed}: ${install}`);
}

function isOlder(version: string, than: string): boolean {
  const [ours, theirs] = [version, than].map((text) => text.split(".").map(Number));
  const at = theirs?.findIndex((number, index) => (ours?.[index] ?? 0) !== number) ?? -1;
  return at !== -1 && (ours?.[at] ?? 0) < (theirs?.[at] ?? 0);
}
