// `rackcast hosts setup`: brings hosts into shape for deploys, by Ansible.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import {
  ConfigError,
  renderPullAgent,
  renderPullUnits,
  renderRtorrent,
  RtorrentSettingsSchema,
  type RtorrentSettings,
} from "@rackcast/client-config";
import { Option, type Command } from "commander";
import { resolveTargets } from "../deploy/targets.ts";
import { checkExtraArguments } from "../distribution/ansible/ansible-options.ts";
import { type PullAgent, setUpHosts } from "../distribution/ansible/hosts-setup.ts";
import { listInventory } from "../distribution/ansible/inventory.ts";
import type { HostProblem } from "../distribution/ansible/playbook-outcome.ts";
import type { TargetHost } from "../distribution/driver.ts";
import { CommandError } from "../errors.ts";
import { createLiveLine } from "../output/live-line.ts";
import { oneLine } from "../output/table.ts";
import { isTerminal, type Terminal } from "../output/terminal.ts";
import { formatCount } from "../output/units.ts";
import type { Session } from "../session.ts";
import { connect } from "./access.ts";
import { addAnsibleOptions, type AnsibleCommandOptions, ansibleOptions } from "./ansible-options.ts";
import { TARGETS_HELP, targetsOption } from "./distribution-options.ts";
import { examples } from "./examples.ts";
import { collectText, jsonOption, parseDuration, trackerOption } from "./options.ts";
import { readSettings, settingsOf } from "./settings-options.ts";

interface SetupOptions extends AnsibleCommandOptions {
  readonly tracker: string;
  readonly targets: readonly string[];
  readonly hostFolder: string;
  readonly rtorrentSocket: string;
  readonly listenPort: string;
  readonly announceEvery?: number;
  readonly set?: readonly string[];
  readonly trust?: string;
  readonly install: boolean;
  readonly pull?: true;
  readonly dryRun?: true;
  readonly json?: true;
}

const EXAMPLES = examples(
  "hosts setup --targets web -i hosts.ini --become --announce-every 5s",
  "hosts setup --targets web -i hosts.ini --set bandwidth.share=0.5",
  "hosts setup --targets hosts.txt --user root --trust key.pem --dry-run",
);
const HELP = `
${TARGETS_HELP.trim()}
${EXAMPLES}`;

export function addHostsCommand(program: Command, session: Session): void {
  const hosts = program.command("hosts").description("bring hosts into shape").addHelpText("after", EXAMPLES);
  const command = hosts
    .command("setup")
    .description("install and configure rtorrent on hosts, by Ansible; changes only what is not so yet")
    .addOption(targetsOption("hosts to set up (repeatable), see below").makeOptionMandatory())
    .addOption(trackerOption());
  addAnsibleOptions(command)
    .option("--host-folder <path>", "folder on the hosts for releases, current and session", "/var/lib/rackcast")
    .option("--rtorrent-socket <path>", "rtorrent's unix socket on the hosts", "/run/rackcast/rtorrent.sock")
    .option("--listen-port <port>", "port for peers, or a range such as 6890-6899", "6890")
    .option(
      "--announce-every <duration>",
      "how often an incomplete release asks the tracker (default: 2s)",
      parseDuration,
    )
    .addOption(
      new Option("--set <name=value>", "any other setting of rackcast config render rtorrent (repeatable)").argParser(
        collectText,
      ),
    )
    .option("--trust <file>", "public key (PEM) on this machine; the hosts take only releases that are signed with it")
    .option("--pull", "also install the agent by which hosts pull from --tracker")
    .option("--no-install", "the hosts have rtorrent, openssl and curl already")
    .option("--dry-run", "say what would be changed, and change nothing")
    .addOption(jsonOption())
    .addHelpText("after", HELP)
    .action((options: SetupOptions) => run(options, session));
}

async function run(options: SetupOptions, session: Session): Promise<void> {
  checkExtraArguments(options.ansibleArg ?? []);
  const config = renderConfig(options);
  const ansible = ansibleOptions(options, session);
  const inventory = options.inventory ? () => listInventory({ ...ansible, limit: options.limit }) : undefined;
  const hosts = await resolveTargets(options.targets, { client: connect(session, options), inventory });
  const folder = await mkdtemp(join(tmpdir(), "rackcast-hosts-"));
  try {
    const rtorrentConfig = join(folder, "rtorrent.rc");
    await writeFile(rtorrentConfig, config);
    const progress = createProgress(hosts.length, session.terminal);
    const { install, dryRun, trust, hostFolder, rtorrentSocket: socket } = options;
    const trustKey = trust === undefined ? undefined : resolve(trust);
    const pull = options.pull && (await writePullAgent(options, folder));
    const { onEvent } = progress;
    const setup = { hosts, rtorrentConfig, trustKey, install, dryRun, hostFolder, socket, pull, onEvent };
    const problems = await setUpHosts(ansible, setup).finally(progress.close);
    tell({ hosts, problems, changed: progress.changed() }, options, session.terminal);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Paths and port count more than `--set`, since the role needs the same ones. */
function renderConfig({ set, hostFolder, rtorrentSocket, listenPort, announceEvery, pull }: SetupOptions): string {
  const known = settingsOf(RtorrentSettingsSchema);
  const watch = pull ? { watchDirectory: `${hostFolder}/watch` } : {};
  const places = { directory: `${hostFolder}/releases`, sessionDirectory: `${hostFolder}/session`, ...watch };
  const given = readSettings(known, { ...(set && { set }), listenPort });
  const announce = announceEvery === undefined ? {} : { announceEverySeconds: announceEvery };
  return told("rtorrent", () =>
    renderRtorrent({ ...given, ...announce, ...places, scgiSocket: rtorrentSocket } as RtorrentSettings),
  );
}

async function writePullAgent({ tracker, hostFolder, trust }: SetupOptions, folder: string): Promise<PullAgent> {
  const trustKey = trust === undefined ? {} : { trustKey: await readFile(trust, "utf8") };
  const settings = {
    trackers: [tracker],
    releasesDirectory: `${hostFolder}/releases`,
    currentDirectory: `${hostFolder}/current`,
    watchDirectory: `${hostFolder}/watch`,
    sessionDirectory: `${hostFolder}/session`,
    stateDirectory: `${hostFolder}/pull`,
    ...trustKey,
  };
  const agent = { script: join(folder, "rackcast-pull"), units: folder };
  await writeFile(
    agent.script,
    told("pull", () => renderPullAgent(settings)),
  );
  for (const [name, text] of Object.entries(renderPullUnits(settings))) await writeFile(join(folder, name), text);
  return agent;
}

function told(client: string, render: () => string): string {
  try {
    return render();
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause;
    throw new CommandError("USAGE", `${cause.message}\nSee: rackcast config render ${client} --help`, { cause });
  }
}

function createProgress(hostCount: number, { stderr }: Terminal) {
  const line = isTerminal(stderr) ? createLiveLine(stderr) : undefined;
  const changed = new Set<string>();
  return {
    changed: () => [...changed],
    close: () => line?.close(),
    onEvent: ({ host, task, outcome }: { host: string; task: string; outcome: string }) => {
      if (outcome === "changed") changed.add(host);
      line?.show(`Setting up ${formatCount(hostCount, "host")}: ${task}`);
    },
  };
}

interface Told {
  readonly hosts: readonly TargetHost[];
  readonly problems: readonly HostProblem[];
  readonly changed: readonly string[];
}

function tell({ hosts, problems, changed }: Told, { json, dryRun }: SetupOptions, terminal: Terminal): void {
  const failed = problems.map(({ host, code, message }) => ({ ...host, code: code ?? "SETUP_FAILED", message }));
  if (json) terminal.printJson({ hosts: hosts.length, changed, failed });
  else {
    const done = dryRun ? "would be changed" : "were changed";
    terminal.print(`${formatCount(hosts.length, "host")}: ${changed.length} ${done}, ${failed.length} failed.`);
  }
  if (failed.length === 0) return;
  for (const { name, code, message } of failed) terminal.note(oneLine(`Failed: ${name}: ${code}: ${message}`));
  throw new CommandError(
    "SETUP_INCOMPLETE",
    "Mend these hosts, and run this again: it changes only what is not so yet.",
  );
}
