// What a playbook came to on each of the hosts that it was run for.
import type { TargetHost } from "../driver.ts";
import type { AnsibleEvent, HostEvent } from "./ansible-events.ts";

/** A host on which a playbook did not come to its end. */
export interface HostProblem {
  readonly host: TargetHost;
  /** Of what ran on the host, or `UNREACHABLE`; undefined where nothing gave one. */
  readonly code: string | undefined;
  /** One line. */
  readonly message: string;
}

export interface PlaybookOutcome {
  add(event: AnsibleEvent): void;
  /** Whether Ansible got as far as any host. */
  hasBegun(): boolean;
  hasEnded(): boolean;
  /** `ending` says how Ansible itself ended, for hosts that it said nothing about. */
  problems(hosts: readonly TargetHost[], ending: string): readonly HostProblem[];
}

export function createPlaybookOutcome(): PlaybookOutcome {
  const failures = new Map<string, HostEvent>();
  const heardOf = new Set<string>();
  let stats: ReadonlySet<string> | undefined;

  function add(event: AnsibleEvent): void {
    if (event.event === "stats") {
      stats = new Set(Object.keys(event.hosts));
      return;
    }
    heardOf.add(event.host);
    if (event.outcome === "failed" || event.outcome === "unreachable") failures.set(event.host, event);
  }

  function problemOf(host: TargetHost, ending: string): HostProblem | undefined {
    const failure = failures.get(host.name);
    if (failure !== undefined) return describeFailure(host, failure);
    if (stats?.has(host.name)) return undefined;
    if (stats !== undefined)
      return { host, code: "UNREACHABLE", message: `the inventory has no host ${host.name}; add it there` };
    // Of several tasks the last may be missing.
    return { host, code: undefined, message: `${ending}, before it was done with ${host.name}` };
  }

  return {
    add,
    hasBegun: () => heardOf.size > 0,
    hasEnded: () => stats !== undefined,
    problems: (hosts, ending) =>
      hosts.map((host) => problemOf(host, ending)).filter((problem) => problem !== undefined),
  };
}

function describeFailure(host: TargetHost, { outcome, code, task, message }: HostEvent): HostProblem {
  const said = message === null || message === "" ? `the task "${task}" failed` : message;
  return { host, code: code ?? (outcome === "unreachable" ? "UNREACHABLE" : undefined), message: said };
}
