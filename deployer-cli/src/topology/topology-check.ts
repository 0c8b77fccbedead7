// What is wrong with the places of a list of hosts, judged from what the tracker's resolvers say of each: pure.
import type { TopologyAnswer } from "../api/resources.ts";
import type { ListedHost } from "./hosts-file.ts";

/** One host of the list with what is known of each of its addresses. */
export interface CheckedHost extends ListedHost {
  readonly answers: readonly TopologyAnswer[];
  /** Why its name has no address; undefined when it has. */
  readonly problem: string | undefined;
}

/** Every path is one text, such as `row4/rack12`. */
export interface TopologyReport {
  readonly hosts: number;
  readonly racks: number;
  readonly unresolved: readonly { readonly host: string; readonly line: number; readonly problem: string }[];
  readonly duplicates: readonly { readonly address: string; readonly lines: readonly number[] }[];
  readonly unknown: readonly { readonly host: string; readonly address: string; readonly countedAs: string }[];
  readonly contradictions: readonly { readonly host: string; readonly said: readonly Said[] }[];
  readonly lonelyRacks: readonly { readonly rack: string; readonly host: string }[];
  readonly failures: readonly ResolverFailure[];
}

export interface Said {
  readonly address: string;
  readonly resolver: string;
  readonly path: string;
}

export interface ResolverFailure {
  readonly resolver: string;
  readonly addresses: number;
  /** Of one of them. */
  readonly error: string;
}

export function checkTopology(checked: readonly CheckedHost[]): TopologyReport {
  const racks = racksOf(checked);
  return {
    hosts: new Set(checked.map(({ host }) => host)).size,
    racks: racks.size,
    unresolved: checked.flatMap(({ host, line, problem }) => (problem === undefined ? [] : [{ host, line, problem }])),
    duplicates: duplicatesOf(checked),
    unknown: uniqueHosts(checked).flatMap(({ host, answers }) =>
      answers
        .filter(({ path }) => path === null)
        .map(({ address, group }) => ({ host, address, countedAs: group.join("/") || "refused" })),
    ),
    contradictions: uniqueHosts(checked).flatMap(({ host, answers }) => {
      const said = answers.flatMap(saidOf);
      return new Set(said.map(({ path }) => path)).size > 1 ? [{ host, said }] : [];
    }),
    lonelyRacks: [...racks].flatMap(([rack, [host = "", ...others]]) => (others.length === 0 ? [{ rack, host }] : [])),
    failures: failuresOf(checked),
  };
}

export function countFindings(report: TopologyReport): number {
  const { unresolved, duplicates, unknown, contradictions, lonelyRacks, failures } = report;
  return [unresolved, duplicates, unknown, contradictions, lonelyRacks, failures].flat().length;
}

function uniqueHosts(checked: readonly CheckedHost[]): CheckedHost[] {
  return [...new Map(checked.map((one) => [one.host, one])).values()];
}

function saidOf({ address, resolvers = [] }: TopologyAnswer): Said[] {
  return resolvers.flatMap(({ resolver, path }) =>
    path === null ? [] : [{ address, resolver, path: path.join("/") }],
  );
}

/** Hosts by rack, each once though it be named twice or have many addresses there. */
function racksOf(checked: readonly CheckedHost[]): ReadonlyMap<string, readonly string[]> {
  const racks = new Map<string, Set<string>>();
  for (const { host, answers } of uniqueHosts(checked)) {
    for (const { path } of answers) {
      if (path === null) continue;
      const rack = path.join("/");
      racks.set(rack, (racks.get(rack) ?? new Set()).add(host));
    }
  }
  return new Map([...racks].map(([rack, hosts]) => [rack, [...hosts]]));
}

function duplicatesOf(checked: readonly CheckedHost[]): TopologyReport["duplicates"] {
  const lines = new Map<string, Set<number>>();
  for (const { line, answers } of checked)
    for (const { address } of answers) lines.set(address, (lines.get(address) ?? new Set()).add(line));
  return [...lines].filter(([, all]) => all.size > 1).map(([address, all]) => ({ address, lines: [...all] }));
}

function failuresOf(checked: readonly CheckedHost[]): ResolverFailure[] {
  const failures = new Map<string, ResolverFailure>();
  const answers = new Map(checked.flatMap((one) => one.answers.map((answer) => [answer.address, answer])));
  for (const { resolvers = [] } of answers.values()) {
    for (const { resolver, outcome, error } of resolvers) {
      if (error === null && outcome !== "late") continue;
      const before = failures.get(resolver);
      const why = before?.error ?? error ?? "no answer in the time that an announce waits";
      failures.set(resolver, { resolver, addresses: (before?.addresses ?? 0) + 1, error: why });
    }
  }
  return [...failures.values()];
}
