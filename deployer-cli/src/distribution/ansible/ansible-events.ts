// The lines that the callback plugin rackcast_events writes, read back.

export const HOST_OUTCOMES = ["ok", "changed", "failed", "unreachable", "skipped"] as const;

/** One task of a playbook has ended on one host. */
export interface HostEvent {
  readonly event: "host";
  /** As the inventory names it. */
  readonly host: string;
  readonly task: string;
  readonly outcome: (typeof HOST_OUTCOMES)[number];
  /** Of a failure, where what ran on the host gave one. */
  readonly code: string | null;
  /** Of a failure: one line. */
  readonly message: string | null;
}

/** The playbook went to its end. */
export interface StatsEvent {
  readonly event: "stats";
  /** Those that the playbook was for, and that it got to. */
  readonly hosts: Readonly<Record<string, unknown>>;
}

export type AnsibleEvent = HostEvent | StatsEvent;

/** Undefined for a line that is none of ours. */
export function parseAnsibleEvent(line: string): AnsibleEvent | undefined {
  const parsed = parseJson(line);
  if (!isRecord(parsed)) return undefined;
  const { event, host, task, outcome, code, message, hosts } = parsed;
  if (event === "stats" && isRecord(hosts)) return { event, hosts };
  const known = HOST_OUTCOMES.find((name) => name === outcome);
  if (event !== "host" || typeof host !== "string" || known === undefined) return undefined;
  return { event, host, task: textOf(task) ?? "", outcome: known, code: textOf(code), message: textOf(message) };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
