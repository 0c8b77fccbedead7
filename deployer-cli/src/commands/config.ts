// `rackcast config`: renders the configuration of the hosts' clients; the options are the settings' schemas. And checks one.
import { writeFile } from "node:fs/promises";
import { ConfigError } from "@rackcast/client-config";
import type { Command } from "commander";
import { CommandError } from "../errors.ts";
import type { Session } from "../session.ts";
import { unwritable } from "../torrent/torrent-writing.ts";
import { addLintCommand } from "./config-lint.ts";
import { addPullCommand } from "./config-pull.ts";
import { RENDER_TARGETS, type RenderTarget } from "./config-targets.ts";
import { collectText } from "./options.ts";
import { examples } from "./examples.ts";
import { readSettings, type GivenSettings } from "./settings-options.ts";

interface RenderOptions extends GivenSettings {
  readonly output?: string;
}

const FILE_MODE = 0o644;
const SECRET_FILE_MODE = 0o600;

const EXAMPLES = examples(
  "config render rtorrent -o rtorrent.rc",
  "config render rtorrent --directory /srv --set bandwidth.share=0.5",
  "config lint rtorrent.rc",
);

export function addConfigCommand(program: Command, session: Session): void {
  const config = program
    .command("config")
    .description("make or check the configuration of the hosts' clients")
    .addHelpText("after", EXAMPLES);
  const render = config
    .command("render")
    .description("print a client's configuration, or the unit that runs it")
    .addHelpText("after", EXAMPLES);
  for (const target of RENDER_TARGETS) addRenderCommand(render, target, session);
  addPullCommand(render, session);
  addLintCommand(config, session);
}

function addRenderCommand(render: Command, target: RenderTarget, session: Session): void {
  const command = render
    .command(target.name)
    .description(target.description)
    .option("-o, --output <file>", "write it here instead of printing it")
    .option("--set <name=value>", "a setting by its name, such as bandwidth.share=0.5 (repeatable)", collectText)
    .addHelpText("after", target.notes);
  for (const { flag, description } of target.settings) command.option(`--${flag} <value>`, description);
  command.action((options: RenderOptions) => run(target, options, session));
}

async function run(target: RenderTarget, options: RenderOptions, { terminal }: Session): Promise<void> {
  const settings = readSettings(target.settings, options);
  const text = render(target, settings);
  if (options.output === undefined) return void terminal.stdout.write(text);
  const { output } = options;
  const isSecret = target.secret !== undefined && target.secret in settings;
  await writeFile(output, text, { mode: isSecret ? SECRET_FILE_MODE : FILE_MODE }).catch((cause) =>
    Promise.reject(unwritable(output, cause)),
  );
  terminal.note(`Wrote ${output}. ${target.nextStep(output)}`);
}

function render(target: RenderTarget, settings: object): string {
  try {
    return target.render(settings);
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause;
    const remedy = `Each is an option too: rackcast config render ${target.name} --help`;
    throw new CommandError("USAGE", `${cause.message}\n${remedy}`, { cause });
  }
}
