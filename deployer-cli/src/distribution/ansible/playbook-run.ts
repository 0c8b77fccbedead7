// Runs one of our playbooks for some hosts and tells what it came to on each.
import type { TargetHost } from "../driver.ts";
import { ansibleError, complaintLines, endingOf } from "./ansible-error.ts";
import { parseAnsibleEvent, type HostEvent } from "./ansible-events.ts";
import { ansibleProgram, type AnsibleOptions, playbookArguments } from "./ansible-options.ts";
import { EVENTS_DESCRIPTOR, runAnsible } from "./ansible-process.ts";
import { playbookPath, type PlaybookName } from "./playbook-folder.ts";
import { createPlaybookOutcome, type HostProblem } from "./playbook-outcome.ts";
import { createRunFolder, type RunFolder } from "./run-folder.ts";

export interface PlaybookRun {
  readonly playbook: PlaybookName;
  readonly hosts: readonly TargetHost[];
  /** Those of the playbook; they count more than those of the user. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** Says what would be done, and does nothing. */
  readonly dryRun?: boolean | undefined;
  /** Told of every task of every host as it ends. */
  onEvent?(event: HostEvent): void;
}

/** Throws `ANSIBLE_MISSING`, `ANSIBLE_FAILED` when Ansible comes to no host at all, or the signal's reason. */
export async function runPlaybook(options: AnsibleOptions, run: PlaybookRun): Promise<readonly HostProblem[]> {
  if (run.hosts.length === 0) return [];
  const outcome = createPlaybookOutcome();
  const program = ansibleProgram("ansible-playbook", options);
  const folder = await createRunFolder();
  try {
    const exit = await runAnsible({
      program: options.ansiblePlaybook ?? program,
      args: await argumentsOf(options, run, folder),
      env: { ...ansibleEnvironment(options.env, folder), RACKCAST_EVENTS_FD: `${EVENTS_DESCRIPTOR}` },
      signal: options.signal,
      onEventLine(line) {
        const event = parseAnsibleEvent(line);
        if (event === undefined) return;
        outcome.add(event);
        if (event.event === "host") run.onEvent?.(event);
      },
    });
    if (!outcome.hasBegun() && !outcome.hasEnded()) throw ansibleError(program, exit);
    const said = complaintLines(exit.complaint).split("\n").at(-1) ?? "";
    return outcome.problems(
      run.hosts,
      [endingOf(program, exit.exitCode), said].filter((part) => part !== "").join(": "),
    );
  } finally {
    await folder.close();
  }
}

async function argumentsOf(options: AnsibleOptions, run: PlaybookRun, folder: RunFolder): Promise<readonly string[]> {
  const { playbook, hosts, variables, dryRun } = run;
  const isTheirs = options.inventory.length > 0;
  const inventory = isTheirs ? options.inventory : [await folder.writeInventory(hosts)];
  return [
    ...playbookArguments({ ...options, inventory }),
    ...(isTheirs ? [`--limit=@${await folder.writeLimit(hosts)}`] : []),
    `--extra-vars=@${await folder.writeVariables(variables)}`,
    ...(dryRun ? ["--check"] : []),
    playbookPath(playbook),
  ];
}

/** What is set in the environment already counts more where it is a matter of taste. */
export function ansibleEnvironment(env: NodeJS.ProcessEnv, folder: RunFolder): NodeJS.ProcessEnv {
  return {
    // One exchange for a host in place of several.
    ANSIBLE_PIPELINING: "True",
    // A host that died is given up in a quarter of a minute; ssh would wait for it, and Ansible for ssh, until the task's time is over.
    ANSIBLE_SSH_EXTRA_ARGS: "-o ServerAliveInterval=5 -o ServerAliveCountMax=3",
    ...env,
    ANSIBLE_NOCOLOR: "1",
    ANSIBLE_RETRY_FILES_ENABLED: "False",
    // Without it an inventory that cannot be read is taken for an empty one.
    ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED: "True",
    ANSIBLE_SSH_CONTROL_PATH_DIR: folder.connections,
    ANSIBLE_LOCAL_TEMP: folder.scratch,
    // The playbooks may be where nobody may write.
    PYTHONDONTWRITEBYTECODE: "1",
  };
}
