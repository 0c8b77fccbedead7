// The process: settings in, a running tracker, and a clean end on a signal.
import { readFileSync } from "node:fs";
import { isIPv6 } from "node:net";
import process from "node:process";
import closeWithGrace from "close-with-grace";
import { pino } from "pino";
import { readConfig, type TrackerConfig } from "./config/config.ts";
import { ConfigError } from "./config/faults.ts";
import { printHelp } from "./config/help.ts";
import { printConfig } from "./config/print-config.ts";
import { StartupError } from "./startup-error.ts";
import { createTracker } from "./tracker.ts";

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
const STDERR = 2;
const GRACE_MS = 10_000;

const config = readSettings();
if (config !== undefined) await run(config);

/** Undefined when there is nothing to run: help or the settings were asked for, or the settings are refused. */
function readSettings(): TrackerConfig | undefined {
  try {
    const readFile = (file: string) => readFileSync(file, "utf8");
    const sources = { args: process.argv.slice(2), env: process.env, readFile };
    const read = readConfig(sources);
    const printed = read === "help" ? printHelp() : printConfig(sources);
    if (read !== "help" && printed === undefined) return read;
    process.stdout.write(printed ?? "");
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = EXIT_USAGE;
  }
  return undefined;
}

async function run(settings: TrackerConfig): Promise<void> {
  const output = pino.destination({ dest: STDERR, sync: true });
  // Who started the tracker may stop listening to it; that is no reason to end.
  for (const stream of [process.stdout, output]) stream.on("error", () => {});
  const log = pino({ level: settings.debug ? "debug" : "info" }, output);
  const tracker = createTracker(settings, { now: Date.now, random: Math.random, log });
  closeWithGrace({ delay: GRACE_MS, logger: log, skip: ["SIGHUP", "beforeExit"] }, async ({ err, signal }) => {
    if (err) log.error({ err }, "stopping because of an error that nobody expected");
    else log.info({ signal }, "stopping");
    await tracker.close();
  });
  process.on("SIGHUP", () => void tracker.reload());
  try {
    const { host, port, udpPort } = await tracker.start();
    const name = isIPv6(host) ? `[${host}]` : host;
    process.stdout.write(`Rackcast tracker listening on http://${name}:${port}\n`);
    if (udpPort !== undefined) process.stdout.write(`Rackcast tracker listening on udp://${name}:${udpPort}\n`);
  } catch (error) {
    if (!(error instanceof StartupError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(EXIT_FAILED);
  }
}
