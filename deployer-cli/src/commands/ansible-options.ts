// The options that say how Ansible reaches hosts, for every command that runs it.
import { Option, type Command } from "commander";
import type { AnsibleOptions } from "../distribution/ansible/ansible-options.ts";
import { collectText, parseCount } from "./options.ts";

export interface AnsibleCommandOptions {
  readonly inventory?: readonly string[];
  readonly limit?: string;
  readonly forks?: number;
  readonly user?: string;
  readonly privateKey?: string;
  readonly become?: true;
  readonly becomeUser?: string;
  readonly extraVars?: readonly string[];
  readonly ansibleArg?: readonly string[];
}

export function addAnsibleOptions(command: Command): Command {
  return command
    .addOption(new Option("-i, --inventory <file>", "Ansible inventory (repeatable)").argParser(collectText))
    .option("--limit <pattern>", "of the inventory only the hosts that this pattern of Ansible's matches")
    .option("--forks <count>", "hosts that Ansible works on at a time (default: Ansible's)", parseCount)
    .option("--user <name>", "user that Ansible logs in as")
    .option("--private-key <file>", "key that Ansible logs in with")
    .option("--become", "have Ansible become root, or --become-user, on the hosts")
    .option("--become-user <name>", "whom Ansible becomes")
    .addOption(new Option("-e, --extra-vars <vars>", "variables for Ansible (repeatable)").argParser(collectText))
    .addOption(
      new Option("--ansible-arg <arg>", "any other argument of ansible-playbook (repeatable)").argParser(collectText),
    );
}

export function ansibleOptions(
  options: AnsibleCommandOptions,
  { env, signal }: Pick<AnsibleOptions, "env" | "signal">,
): AnsibleOptions {
  const { inventory = [], forks, become, becomeUser, user, privateKey, extraVars, ansibleArg: extraArgs } = options;
  return { inventory, forks, become, becomeUser, user, privateKey, extraVars, extraArgs, env, signal };
}
