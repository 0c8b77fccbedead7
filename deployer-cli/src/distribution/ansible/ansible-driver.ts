// The driver `ansible`: hosts are pushed to, a task each, over whatever connection the user's inventory says.
import { readFile } from "node:fs/promises";
import { HOST_FAILURES, type DistributionDriver, type HostFailure, type HostFailureCode } from "../driver.ts";
import { ansibleError } from "./ansible-error.ts";
import type { HostEvent } from "./ansible-events.ts";
import { ansibleProgram, type AnsibleOptions, checkExtraArguments, playbookArguments } from "./ansible-options.ts";
import { runAnsible } from "./ansible-process.ts";
import { playbookPath } from "./playbook-folder.ts";
import type { HostProblem } from "./playbook-outcome.ts";
import { ansibleEnvironment, runPlaybook } from "./playbook-run.ts";
import { createRunFolder } from "./run-folder.ts";

const VERIFY_AT_LEAST_SECONDS = 300;
const SLOWEST_READING = 10 * 2 ** 20;

/** Hosts must be set up (`setup.yml`); their Python is 3.7 or later. */
export function createAnsibleDriver(options: AnsibleOptions): DistributionDriver {
  return {
    check: () => checkAnsible(options),
    async load(release, hosts, said) {
      const variables = {
        rackcast_name: release.name,
        rackcast_info_hash: release.infoHash,
        rackcast_length_bytes: release.lengthBytes,
        rackcast_torrent: await encoded(release.torrentFile),
        rackcast_anew: said?.anew ?? false,
      };
      const onEvent = ({ host, outcome }: HostEvent) => {
        if (outcome === "ok" || outcome === "changed") said?.onLoaded(host);
      };
      return failuresOf(await runPlaybook(options, { playbook: "load", hosts, variables, onEvent }), "LOAD_FAILED");
    },
    async verify(release, hosts) {
      const variables = {
        rackcast_name: release.name,
        rackcast_info_hash: release.infoHash,
        rackcast_series: release.series,
        rackcast_manifest: await encoded(release.manifestFile),
        rackcast_signature: release.signatureFile === undefined ? "" : await encoded(release.signatureFile),
        rackcast_timeout_seconds: VERIFY_AT_LEAST_SECONDS + Math.ceil(release.lengthBytes / SLOWEST_READING),
      };
      return failuresOf(await runPlaybook(options, { playbook: "verify", hosts, variables }), "VERIFY_FAILED");
    },
    async remove(releases, hosts) {
      const variables = { rackcast_unwanted: releases.map(({ name, infoHash }) => ({ name, info_hash: infoHash })) };
      return failuresOf(await runPlaybook(options, { playbook: "remove", hosts, variables }), "REMOVE_FAILED");
    },
  };
}

/** In base64, because Ansible takes braces in a text for a template. */
async function encoded(file: string): Promise<string> {
  return (await readFile(file)).toString("base64");
}

function failuresOf(problems: readonly HostProblem[], fallback: HostFailureCode): readonly HostFailure[] {
  return problems.map(({ host, code, message }) => {
    const known = HOST_FAILURES.find((name) => name === code);
    return { host, code: known ?? fallback, message };
  });
}

/** Has Ansible read the inventory, its options and a playbook. */
async function checkAnsible(options: AnsibleOptions): Promise<void> {
  checkExtraArguments(options.extraArgs ?? []);
  const program = options.ansiblePlaybook ?? ansibleProgram("ansible-playbook", options);
  const folder = await createRunFolder();
  try {
    const args = [...playbookArguments(options), "--syntax-check", playbookPath("load")];
    const env = ansibleEnvironment(options.env, folder);
    const exit = await runAnsible({ program, args, env, signal: options.signal });
    if (exit.exitCode !== 0) throw ansibleError(program, exit);
  } finally {
    await folder.close();
  }
}
