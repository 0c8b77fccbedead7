// `rackcast doctor`: checks tracker, client and machine, and says what to do about what is wrong.
import { existsSync } from "node:fs";
import { isIPv6 } from "node:net";
import { InvalidArgumentError, Option, type Command } from "commander";
import type { CheckResult } from "../doctor/check.ts";
import { runChecks } from "../doctor/check-run.ts";
import { printResults } from "../doctor/doctor-report.ts";
import { DEFAULT_SOCKET, type DoctorSubjects, checksOf } from "../doctor/doctor-checks.ts";
import type { HostPort } from "../doctor/peer-port.ts";
import { CommandError } from "../errors.ts";
import { createLiveLine } from "../output/live-line.ts";
import { columnsOf, isTerminal } from "../output/terminal.ts";
import { formatCount } from "../output/units.ts";
import type { Session } from "../session.ts";
import { connect } from "./access.ts";
import { examples } from "./examples.ts";
import { jsonOption, parseAddress, parseHttpUrl, trackerOption } from "./options.ts";

interface DoctorOptions {
  readonly tracker: string;
  readonly socket?: string;
  readonly peer?: readonly HostPort[];
  readonly hosts?: string;
  readonly smdbUrl?: string;
  readonly smdbAddress: string;
  readonly redisUrl?: URL;
  readonly json?: true;
}

const HELP = `
Without options the tracker, this machine, and the client at
${DEFAULT_SOCKET} if there is one are checked. A check is ok, a
warning (it works, but may not last), failed, or skipped because this machine or
user cannot see it. A password of Redis may be given by REDIS_PASSWORD instead.

Exit codes: 0 none failed, 1 any did.
${examples(
  "doctor --tracker http://tracker.example:6969",
  "doctor --socket /run/rackcast/rtorrent.sock --peer 10.77.2.1:6890",
  "doctor --redis-url redis://redis.example:6379",
  "doctor --smdb-url https://smdb.example --smdb-address 10.77.1.5",
)}`;

export function addDoctorCommand(program: Command, session: Session): void {
  program
    .command("doctor")
    .description("check tracker, client and machine, and say what to do")
    .addOption(trackerOption())
    .option("--socket <path>", `an rtorrent of this machine (default: ${DEFAULT_SOCKET} if it is there)`)
    .addOption(
      new Option("--peer <host:port>", "a peer that must take connections (repeatable)").argParser(collectPeer),
    )
    .option("--hosts <file>", "hosts whose racks the tracker must know, one a line")
    .addOption(new Option("--smdb-url <url>", "a server-management database").argParser(parseHttpUrl))
    .addOption(new Option("--smdb-address <address>", "one that it knows").argParser(parseAddress).default("127.0.0.1"))
    .addOption(new Option("--redis-url <url>", "a Redis for the tracker's swarms").argParser(parseRedisUrl))
    .addOption(jsonOption())
    .addHelpText("after", HELP)
    .action((options: DoctorOptions) => doctor(options, session));
}

/** `10.77.1.5:6890`, `[2001:db8::5]:6890`. */
function collectPeer(text: string, previous: readonly HostPort[] | undefined): HostPort[] {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const isRight = host !== undefined && (bracketed === undefined || isIPv6(bracketed)) && Number(port) <= 65_535;
  if (!isRight) throw new InvalidArgumentError("Give a host and a port, such as 10.77.1.5:6890.");
  return [...(previous ?? []), { host, port: Number(port) }];
}

function parseRedisUrl(text: string): URL {
  const url = URL.parse(text);
  if (url && /^rediss?:$/.test(url.protocol) && url.hostname !== "") return url;
  throw new InvalidArgumentError("Give a URL such as redis://redis.example:6379.");
}

async function doctor(options: DoctorOptions, session: Session): Promise<void> {
  const { terminal, signal } = session;
  const checks = checksOf(subjectsOf(options, session));
  const line = isTerminal(terminal.stderr) ? createLiveLine(terminal.stderr) : undefined;
  const onDone = (done: number) => line?.show(`Checked ${done} of ${checks.length}`);
  const results = await runChecks(checks, { signal, onDone }).finally(() => line?.close());
  if (options.json) terminal.printJson({ checks: results });
  else terminal.print(printResults(results, { columns: columnsOf(terminal.stdout), colors: terminal.colors }));
  refuseFailures(results);
}

function subjectsOf(options: DoctorOptions, session: Session): DoctorSubjects {
  const { env } = session;
  const { tracker, socket, peer = [], hosts, smdbUrl, smdbAddress, redisUrl } = options;
  return {
    tracker: { url: tracker, token: env["RACKCAST_TOKEN"] || undefined },
    client: connect(session, options),
    socketPath: socket ?? (existsSync(DEFAULT_SOCKET) ? DEFAULT_SOCKET : undefined),
    peers: peer,
    hostsFile: hosts,
    smdb: smdbUrl === undefined ? undefined : { url: smdbUrl, address: smdbAddress },
    redisUrl: redisUrl && withPassword(redisUrl, env["REDIS_PASSWORD"]),
    env,
  };
}

function withPassword(url: URL, password: string | undefined): URL {
  const whole = new URL(url);
  if (password && whole.password === "") whole.password = encodeURIComponent(password);
  return whole;
}

function refuseFailures(results: readonly CheckResult[]): void {
  const broken = results.filter(({ status }) => status === "failed").map(({ check }) => check);
  if (broken.length === 0) return;
  const message = `${formatCount(broken.length, "check")} failed: ${broken.join("; ")}\nDo what is said beside each, and check again.`;
  throw new CommandError("DOCTOR_FINDINGS", message);
}
