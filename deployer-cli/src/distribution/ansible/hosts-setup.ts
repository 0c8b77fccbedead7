// Brings hosts into shape for deploys: rtorrent, its configuration and its service, by the playbook setup.yml.
import type { TargetHost } from "../driver.ts";
import type { HostEvent } from "./ansible-events.ts";
import type { AnsibleOptions } from "./ansible-options.ts";
import type { HostProblem } from "./playbook-outcome.ts";
import { runPlaybook } from "./playbook-run.ts";

export interface HostsSetup {
  readonly hosts: readonly TargetHost[];
  /** A configuration of rtorrent on this machine, by its absolute path. */
  readonly rtorrentConfig: string;
  /** The public key that releases must be signed with, by its absolute path. */
  readonly trustKey?: string | undefined;
  /** Whether packages are installed. */
  readonly install: boolean;
  /** On the hosts, as the configuration has it: the folder of `releases`, `current` and `session`. */
  readonly hostFolder: string;
  /** On the hosts, as the configuration has it. */
  readonly socket: string;
  readonly pull?: PullAgent | undefined;
  readonly dryRun?: boolean | undefined;
  onEvent?(event: HostEvent): void;
}

/** The agent of hosts that pull: paths on this machine. */
export interface PullAgent {
  readonly script: string;
  /** Folder of its units for systemd and cron. */
  readonly units: string;
}

/** Where the units look for it. */
const AGENT = "/usr/local/bin/rackcast-pull";

/** Answers with the hosts that are not in shape. */
export async function setUpHosts(options: AnsibleOptions, setup: HostsSetup): Promise<readonly HostProblem[]> {
  const { hosts, rtorrentConfig, trustKey, install, hostFolder, socket, pull, dryRun, onEvent } = setup;
  const variables = {
    rackcast_rtorrent_rc: rtorrentConfig,
    rackcast_install: install,
    rackcast_releases: `${hostFolder}/releases`,
    rackcast_current: `${hostFolder}/current`,
    rackcast_session: `${hostFolder}/session`,
    rackcast_socket: socket,
    ...(trustKey === undefined ? {} : { rackcast_trust: trustKey }),
    ...(pull && {
      rackcast_pull_files: [{ src: pull.script, dest: AGENT, mode: "0755" }],
      rackcast_pull_units: pull.units,
      rackcast_watch: `${hostFolder}/watch`,
      rackcast_pull_state: `${hostFolder}/pull`,
    }),
  };
  return await runPlaybook(options, { playbook: "setup", hosts, variables, dryRun, ...(onEvent && { onEvent }) });
}
