// What the user says about how Ansible reaches hosts, and the arguments that it makes for Ansible's programs.
import { dirname, join } from "node:path";
import { CommandError } from "../../errors.ts";

/** As given on the command line; all of Ansible's own configuration counts beside it. */
export interface AnsibleSettings {
  /** Sources as `-i` takes them. Empty: hosts are reached by the addresses that are known of them. */
  readonly inventory: readonly string[];
  /** Hosts at a time; left out, Ansible's own setting. */
  readonly forks?: number | undefined;
  readonly become?: boolean | undefined;
  readonly becomeUser?: string | undefined;
  readonly user?: string | undefined;
  readonly privateKey?: string | undefined;
  /** Each as `-e` takes it. */
  readonly extraVars?: readonly string[] | undefined;
  /** Options for `ansible-playbook`, one word each, such as `--vault-password-file=FILE`. */
  readonly extraArgs?: readonly string[] | undefined;
  /** Name or path; the other programs of Ansible are looked for beside it. */
  readonly ansiblePlaybook?: string | undefined;
}

export interface AnsibleOptions extends AnsibleSettings {
  readonly env: NodeJS.ProcessEnv;
  /** Ends what is running, and the call with its reason. */
  readonly signal: AbortSignal;
}

export function playbookArguments(settings: AnsibleSettings): readonly string[] {
  const { forks, become, becomeUser, user, privateKey, extraVars = [], extraArgs = [] } = settings;
  return [
    ...inventoryArguments(settings.inventory),
    ...(forks === undefined ? [] : [`--forks=${forks}`]),
    ...(become ? ["--become"] : []),
    ...(becomeUser === undefined ? [] : [`--become-user=${becomeUser}`]),
    ...(user === undefined ? [] : [`--user=${user}`]),
    ...(privateKey === undefined ? [] : [`--private-key=${privateKey}`]),
    ...extraVars.map((variable) => `--extra-vars=${variable}`),
    ...extraArgs,
  ];
}

export function inventoryArguments(inventory: readonly string[]): readonly string[] {
  return inventory.map((source) => `--inventory=${source}`);
}

/** What of the settings counts where an inventory is listed: its variables may be in a vault. */
export function listingArguments({ inventory, extraArgs = [] }: AnsibleSettings): readonly string[] {
  return [...inventoryArguments(inventory), ...extraArgs.filter((word) => word.startsWith("--vault"))];
}

/** Another program of the same Ansible. */
export function ansibleProgram(
  name: string,
  { ansiblePlaybook = "ansible-playbook" }: Pick<AnsibleSettings, "ansiblePlaybook">,
): string {
  return ansiblePlaybook.includes("/") ? join(dirname(ansiblePlaybook), name) : name;
}

const ASKS = "nobody can be asked while hosts are worked on; give a file that holds it";
const OURS = "rackcast gives it itself";

/** Options that cannot be passed through, and what to do instead. */
const REFUSED: Readonly<Record<string, string>> = {
  "--inventory": "use --inventory",
  "--inventory-file": "use --inventory",
  "--limit": "the targets are the limit",
  "--forks": "use --forks",
  "--become": "use --become",
  "--become-user": "use --become-user",
  "--user": "use --user",
  "--private-key": "use --private-key",
  "--key-file": "use --private-key",
  "--extra-vars": "use --extra-vars",
  "--ask-pass": `${ASKS}: --connection-password-file=FILE`,
  "--ask-become-pass": `${ASKS}: --become-password-file=FILE`,
  "--ask-vault-password": `${ASKS}: --vault-password-file=FILE`,
  "--ask-vault-pass": `${ASKS}: --vault-password-file=FILE`,
  "--check": "use --dry-run",
  "--tags": OURS,
  "--skip-tags": OURS,
  "--start-at-task": OURS,
  "--step": OURS,
  "--list-hosts": OURS,
  "--list-tags": OURS,
  "--list-tasks": OURS,
  "--syntax-check": OURS,
  "--version": "run ansible-playbook for that",
  "--help": "run ansible-playbook for that",
};

const SHORT: Readonly<Record<string, string>> = {
  i: "--inventory",
  l: "--limit",
  f: "--forks",
  b: "--become",
  u: "--user",
  e: "--extra-vars",
  k: "--ask-pass",
  K: "--ask-become-pass",
  J: "--ask-vault-password",
  C: "--check",
  t: "--tags",
  h: "--help",
};

/** Throws `USAGE` with every word that cannot be passed to `ansible-playbook`. */
export function checkExtraArguments(words: readonly string[]): void {
  const faults = words.map(faultOf).filter((fault) => fault !== undefined);
  if (faults.length > 0) throw new CommandError("USAGE", faults.join("\n"));
}

function faultOf(word: string): string | undefined {
  const long = word.startsWith("--") ? longFault(word) : shortFault(word);
  return long === undefined ? undefined : `${JSON.stringify(word)} cannot be passed to ansible-playbook: ${long}.`;
}

/** Ansible takes the beginning of an option for the option. */
function longFault(word: string): string | undefined {
  const [flag = ""] = word.split("=", 1);
  if (flag === "--") return "options alone can be passed";
  const meant = REFUSED[flag] === undefined ? Object.keys(REFUSED).find((name) => name.startsWith(flag)) : flag;
  return meant === undefined ? undefined : REFUSED[meant];
}

function shortFault(word: string): string | undefined {
  if (!/^-[a-z]/i.test(word)) return "give options alone, with their values in the same word: --timeout=30";
  // The first letter that takes a value ends the options in a word: of those that are not refused, -c, -M, -P and -T.
  const letters = /^-(?<letters>[^cMPT]*)/.exec(word)?.groups?.["letters"] ?? "";
  const refused = [...letters].map((letter) => SHORT[letter]).find((flag) => flag !== undefined);
  return refused === undefined ? undefined : REFUSED[refused];
}
