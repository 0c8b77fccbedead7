// `rackcast config render rtorrent`: the configuration of the hosts' client; its options are the settings' schema.
import { writeFile } from "node:fs/promises";
import { ConfigError, renderRtorrent, RtorrentSettingsSchema, type RtorrentSettings } from "@rackcast/client-config";
import type { Command } from "commander";
import { CommandError } from "../errors.ts";
import type { Session } from "../session.ts";
import { unwritable } from "../torrent/torrent-writing.ts";
import { readSettings, settingsOf, type GivenSettings, type Setting } from "./settings-options.ts";

interface RenderOptions extends GivenSettings {
  readonly output?: string;
}

export function addConfigCommand(program: Command, session: Session): void {
  const config = program.command("config").description("make the configuration of the hosts' clients");
  const render = config.command("render").description("print a client's configuration");
  addRtorrentCommand(render, session);
}

function addRtorrentCommand(render: Command, session: Session): void {
  const settings = settingsOf(RtorrentSettingsSchema);
  const command = render
    .command("rtorrent")
    .description("the configuration of one host's rtorrent 0.9.8, for: rtorrent -n -o import=FILE")
    .option("-o, --output <file>", "write it here instead of printing it")
    .option("--set <name=value>", "a setting by its name, such as bandwidth.share=0.5 (repeatable)", collect);
  for (const { flag, description } of settings) command.option(`--${flag} <value>`, description);
  command.action((options: RenderOptions) => run(settings, options, session));
}

function collect(text: string, previous: readonly string[] | undefined): string[] {
  return [...(previous ?? []), text];
}

async function run(settings: readonly Setting[], options: RenderOptions, { terminal }: Session): Promise<void> {
  const text = render(readSettings(settings, options));
  if (options.output === undefined) return void terminal.stdout.write(text);
  const { output } = options;
  await writeFile(output, text).catch((cause) => Promise.reject(unwritable(output, cause)));
  terminal.note(`Wrote ${output}. Start the client with: rtorrent -n -o import=${output}`);
}

/** The package checks every setting, and names all that are wrong. */
function render(settings: object): string {
  try {
    return renderRtorrent(settings as RtorrentSettings);
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause;
    const remedy = "Each is an option too: rackcast config render rtorrent --help";
    throw new CommandError("USAGE", `${cause.message}\n${remedy}`, { cause });
  }
}
