// Prints what the resolvers say, and what a check of a list of hosts found.
import type { ResolverAnswer, TopologyAnswer } from "../api/resources.ts";
import { formatTable, oneLine, type Column } from "../output/table.ts";
import type { Colors } from "../output/terminal.ts";
import { formatCount } from "../output/units.ts";
import { wrapped } from "../output/wrapping.ts";
import { countFindings, type Said, type TopologyReport } from "./topology-check.ts";

const ANSWER_COLUMNS: readonly Column<TopologyAnswer>[] = [
  { head: "ADDRESS", cell: ({ address }) => address },
  { head: "PATH", cell: ({ path, outcome }) => path?.join("/") ?? outcome },
  { head: "COUNTED AS", cell: ({ group }) => group.join("/") || "refused" },
  { head: "RESOLVER", cell: ({ resolver }) => resolver ?? "-" },
  { head: "CACHED", cell: ({ cached, ageSeconds }) => (cached ? ago(ageSeconds) : "no") },
];

type ResolverRow = ResolverAnswer & { readonly address: string; readonly isUsed: boolean };

const RESOLVER_COLUMNS: readonly Column<ResolverRow>[] = [
  { head: "ADDRESS", cell: ({ address }) => address },
  { head: "RESOLVER", cell: ({ resolver }) => resolver },
  { head: "SAYS", cell: ({ path, outcome }) => path?.join("/") ?? outcome },
  { head: "USED", cell: ({ isUsed }) => (isUsed ? "yes" : "-") },
  { head: "CACHED", cell: ({ cached, ageSeconds }) => (cached ? ago(ageSeconds) : "no") },
  { head: "BREAKER", cell: ({ breaker }) => breaker ?? "-" },
];

export function printAnswers(answers: readonly TopologyAnswer[], colors: Colors): string {
  const errors = answers.flatMap(({ address, error }) => (error === null ? [] : [`${address}: ${oneLine(error)}`]));
  return [formatTable(ANSWER_COLUMNS, answers, colors), ...spaced(errors)].join("\n");
}

/** Of answers with what every resolver says. */
export function printResolverAnswers(answers: readonly TopologyAnswer[], colors: Colors): string {
  const rows = answers.flatMap(({ address, resolver: used, resolvers = [] }) =>
    resolvers.map((answer, index) => ({
      ...answer,
      address: index === 0 ? address : "",
      isUsed: answer.resolver === used,
    })),
  );
  const errors = new Set(
    rows.flatMap(({ resolver, error }) => (error === null ? [] : [`${oneLine(resolver)}: ${oneLine(error)}`])),
  );
  return [formatTable(RESOLVER_COLUMNS, rows, colors), ...spaced([...errors])].join("\n");
}

export function printTopologyReport(report: TopologyReport, colors: Colors): string {
  const { unresolved, duplicates, unknown, contradictions, lonelyRacks, failures } = report;
  const said = contradictions.flatMap((one) =>
    one.said.map((what, index) => ({ ...what, host: nameOnce(one, index) })),
  );
  const sections = [
    section("Names without an address", UNRESOLVED_COLUMNS, unresolved, colors),
    section("Addresses that are listed more than once", DUPLICATE_COLUMNS, duplicates, colors),
    section("Unknown: in no rack that a resolver knows", UNKNOWN_COLUMNS, unknown, colors),
    section("Contradictions: resolvers, or the addresses of one host, do not agree", SAID_COLUMNS, said, colors),
    section("Racks with one host only", LONELY_COLUMNS, lonelyRacks, colors),
    failures.length === 0 ? undefined : [colors.bold("Resolvers that failed"), ...failures.map(failureLine)].join("\n"),
  ];
  return [...sections.filter((text) => text !== undefined), summaryOf(report)].join("\n\n");
}

const UNRESOLVED_COLUMNS: readonly Column<TopologyReport["unresolved"][number]>[] = [
  { head: "NAME", cell: ({ host }) => host },
  { head: "LINE", align: "right", cell: ({ line }) => String(line) },
  { head: "WHY", cell: ({ problem }) => problem },
];
const DUPLICATE_COLUMNS: readonly Column<TopologyReport["duplicates"][number]>[] = [
  { head: "ADDRESS", cell: ({ address }) => address },
  { head: "LINES", cell: ({ lines }) => lines.join(", ") },
];
const UNKNOWN_COLUMNS: readonly Column<TopologyReport["unknown"][number]>[] = [
  { head: "HOST", cell: ({ host }) => host },
  { head: "ADDRESS", cell: ({ address }) => address },
  { head: "COUNTED AS", cell: ({ countedAs }) => countedAs },
];
const SAID_COLUMNS: readonly Column<Said & { readonly host: string }>[] = [
  { head: "HOST", cell: ({ host }) => host },
  { head: "ADDRESS", cell: ({ address }) => address },
  { head: "RESOLVER", cell: ({ resolver }) => resolver },
  { head: "SAYS", cell: ({ path }) => path },
];
const LONELY_COLUMNS: readonly Column<TopologyReport["lonelyRacks"][number]>[] = [
  { head: "RACK", cell: ({ rack }) => rack },
  { head: "HOST", cell: ({ host }) => host },
];

function section<Row>(
  title: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  colors: Colors,
): string | undefined {
  return rows.length === 0 ? undefined : `${colors.bold(title)}\n${formatTable(columns, rows, colors)}`;
}

function failureLine({ resolver, addresses, error }: TopologyReport["failures"][number]): string {
  return `${oneLine(resolver)}, for ${addresses === 1 ? "1 address" : `${addresses} addresses`}: ${oneLine(error)}`;
}

function summaryOf(report: TopologyReport): string {
  const { hosts, racks, unresolved, duplicates, unknown, contradictions, lonelyRacks, failures } = report;
  const counts = [
    [unresolved.length, "without an address"],
    [duplicates.length, "listed twice"],
    [unknown.length, "unknown"],
    [contradictions.length, contradictions.length === 1 ? "contradiction" : "contradictions"],
    [lonelyRacks.length, lonelyRacks.length === 1 ? "rack of one host" : "racks of one host"],
    [failures.length, failures.length === 1 ? "resolver failed" : "resolvers failed"],
  ] as const;
  const found = counts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  const what = countFindings(report) === 0 ? "nothing to complain of" : found.join(", ");
  return wrapped(`Checked ${formatCount(hosts, "host")} in ${formatCount(racks, "rack")}: ${what}`, 80);
}

function nameOnce({ host }: { readonly host: string }, index: number): string {
  return index === 0 ? host : "";
}

function ago(seconds: number | null): string {
  return seconds === null ? "yes" : `${Math.round(seconds)} s ago`;
}

function spaced(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ["", ...lines];
}
