// `rackcast config render pull`: the script by which hosts pull their releases, and the units that start it.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  ConfigError,
  PullSettingsSchema,
  type PullSettings,
  renderPullAgent,
  renderPullUnits,
} from "@rackcast/client-config";
import { type Command, Option } from "commander";
import { CommandError } from "../errors.ts";
import type { Session } from "../session.ts";
import { unwritable } from "../torrent/torrent-writing.ts";
import { examples } from "./examples.ts";
import { parseTrackerUrl } from "./options.ts";
import { type GivenSettings, readSettings, type Setting, settingsOf } from "./settings-options.ts";

interface PullOptions extends GivenSettings {
  readonly tracker?: readonly string[];
  readonly trust?: string;
  readonly output?: string;
  readonly units?: string;
}

/** Given by options of their own. */
const OTHERWISE_GIVEN = ["trackers", "trustKey"];

const EXAMPLES = examples(
  "config render pull -t http://tracker:6969 -o rackcast-pull --units .",
  "config render pull --tracker http://tracker:6969 --trust key.pem",
);

export function addPullCommand(render: Command, session: Session): void {
  const settings = settingsOf(PullSettingsSchema).filter(({ name }) => !OTHERWISE_GIVEN.includes(name));
  const command = render
    .command("pull")
    .description("the shell script by which a host with rtorrent pulls its releases from the tracker")
    .addOption(trackersOption())
    .option("--trust <key.pem>", "Ed25519 key by which releases must be signed; its public part goes into the script")
    .option("-o, --output <file>", "write the script here instead of printing it")
    .option("--units <folder>", "write the systemd service and timer, and a file for cron, here")
    .addHelpText("after", EXAMPLES);
  for (const { flag, description } of settings) command.option(`--${flag} <value>`, description);
  command.action((options: PullOptions) => run(settings, options, session));
}

function trackersOption(): Option {
  return new Option("-t, --tracker <url>", "a tracker as hosts reach it (repeatable, asked in turn)")
    .env("RACKCAST_TRACKER")
    .argParser(collectTracker);
}

function collectTracker(text: string, previous: readonly string[] | undefined): string[] {
  return [...(previous ?? []), parseTrackerUrl(text)];
}

async function run(settings: readonly Setting[], options: PullOptions, { terminal }: Session): Promise<void> {
  const { script, units } = render(await pullSettings(settings, options));
  if (options.units !== undefined) {
    const folder = options.units;
    await mkdir(folder, { recursive: true }).catch((cause) => Promise.reject(unwritable(folder, cause)));
    for (const [file, text] of Object.entries(units)) await write(join(folder, file), text, 0o644);
    terminal.note(`Wrote ${Object.keys(units).join(", ")} to ${folder}.`);
  }
  if (options.output !== undefined) {
    await write(options.output, script, 0o755);
    terminal.note(
      `Wrote ${options.output}. Its rtorrent needs --watch-directory; see: rackcast config render rtorrent`,
    );
  } else if (options.units === undefined) terminal.stdout.write(script);
}

async function pullSettings(settings: readonly Setting[], options: PullOptions): Promise<PullSettings> {
  const trustKey = options.trust === undefined ? {} : { trustKey: await readKey(options.trust) };
  return { ...readSettings(settings, options), ...trustKey, trackers: options.tracker ?? [] };
}

async function readKey(file: string): Promise<string> {
  return readFile(file, "utf8").catch((cause: Error) => {
    throw new CommandError("PATH_UNREADABLE", `${file} cannot be read (${cause.message}); name a PEM file.`, { cause });
  });
}

async function write(file: string, text: string, mode: number): Promise<void> {
  await writeFile(file, text, { mode }).catch((cause) => Promise.reject(unwritable(file, cause)));
}

/** The package checks every setting, and names all that are wrong. */
function render(settings: PullSettings) {
  try {
    return { script: renderPullAgent(settings), units: renderPullUnits(settings) };
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause;
    throw new CommandError("USAGE", `${cause.message}\nEach is an option: rackcast config render pull --help`, {
      cause,
    });
  }
}
