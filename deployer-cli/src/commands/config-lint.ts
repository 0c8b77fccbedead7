// `rackcast config lint`: what is wrong with a client's configuration, line by line.
import { readFile } from "node:fs/promises";
import {
  guessClient,
  LINT_CLIENTS,
  type LintClient,
  lintConfig,
  RTORRENT_VERSIONS,
  type RtorrentVersion,
} from "@rackcast/client-config";
import { type Command, Option } from "commander";
import { CommandError } from "../errors.ts";
import { printFindings } from "../output/lint-report.ts";
import { formatCount } from "../output/units.ts";
import type { Session } from "../session.ts";
import { unreadable } from "../torrent/payload.ts";
import { examples } from "./examples.ts";
import { jsonOption } from "./options.ts";

interface LintCommandOptions {
  readonly client?: LintClient;
  readonly rtorrentVersion: RtorrentVersion;
  readonly strict?: true;
  readonly json?: true;
}

const STDIN = "/dev/stdin";

const HELP = `
Names every line that lets the client find peers past the tracker, that its
version does not start with or ignores, that keeps the rack from being served,
or that lets others command the client; each with why, and the line to write
instead. What is missing is named at the last line. Off a terminal a finding is
one line: file:line: severity rule: message. The rules are told in
ops/docs/client-configuration.md.

Exit codes: 0 nothing of severity error, 1 an error (with --strict: anything),
2 usage.
${examples("config lint ~/.rtorrent.rc --rtorrent-version 0.16")}`;

export function addLintCommand(config: Command, session: Session): void {
  config
    .command("lint")
    .description("look for lines that leak peers, that the client does not start with, or that open it to others")
    .argument("<file>", "a client's configuration; - reads stdin")
    .addOption(
      new Option("--client <name>", "whose it is (default: by its name, else by what it says)").choices(LINT_CLIENTS),
    )
    .addOption(
      new Option("--rtorrent-version <version>", "which rtorrent reads it").choices(RTORRENT_VERSIONS).default("0.9.8"),
    )
    .option("--strict", "exit with 1 for warnings too")
    .addOption(jsonOption())
    .addHelpText("after", HELP)
    .action((file: string, options: LintCommandOptions) => lint(file, options, session));
}

async function lint(file: string, options: LintCommandOptions, { terminal }: Session): Promise<void> {
  const text = await readFile(file === "-" ? STDIN : file, "utf8").catch((cause) =>
    Promise.reject(unreadable(file, cause)),
  );
  const name = file === "-" ? "stdin" : file;
  const client = options.client ?? guessClient(name, text) ?? unknownClient(name);
  const { rtorrentVersion } = options;
  const findings = lintConfig(text, { client, rtorrentVersion });
  if (options.json)
    terminal.printJson({ file: name, client, ...(client === "rtorrent" ? { rtorrentVersion } : {}), findings });
  else printFindings(name, findings, terminal);
  const errors = findings.filter(({ severity }) => severity === "error").length;
  const counted = options.strict ? findings.length : errors;
  if (counted === 0) {
    if (!options.json && findings.length === 0) terminal.note(`${name}: nothing to complain of, for ${client}`);
    return;
  }
  const warnings = findings.length - errors;
  const found = [errors && formatCount(errors, "error"), warnings && formatCount(warnings, "warning")].filter(Boolean);
  throw new CommandError(
    "CONFIG_FINDINGS",
    `${name}: ${found.join(" and ")}.\nRender a sound one: rackcast config render ${client} --help`,
  );
}

function unknownClient(name: string): never {
  const remedy = `give --client ${LINT_CLIENTS.join("|")}`;
  throw new CommandError("USAGE", `${name} does not tell which client it is for; ${remedy}.`);
}
