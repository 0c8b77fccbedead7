// Prints what is wrong with a client's configuration: a table on a terminal, lines as compilers write them off it.
import type { Finding } from "@rackcast/client-config";
import { type Column, formatTable, oneLine } from "./table.ts";
import { isTerminal, type Terminal } from "./terminal.ts";

export function printFindings(file: string, findings: readonly Finding[], terminal: Terminal): void {
  if (findings.length === 0) return;
  const text = isTerminal(terminal.stdout) ? asTable(findings, terminal) : asLines(file, findings);
  terminal.print(text);
}

function asTable(findings: readonly Finding[], { colors }: Terminal): string {
  const columns: readonly Column<Finding>[] = [
    { head: "LINE", align: "right", cell: ({ line }) => String(line) },
    { head: "RULE", cell: ({ rule, severity }) => (severity === "error" ? colors.red(rule) : colors.yellow(rule)) },
    { head: "WHAT", cell: ({ message }) => message },
  ];
  const fixes = findings.flatMap((finding) => {
    const said = fixOf(finding);
    return said === undefined ? [] : [`${String(finding.line).padStart(4)}  ${oneLine(said)}`];
  });
  const why = [...new Map(findings.map((finding) => [finding.rule, finding.why]))].map(
    ([rule, reason]) => `${rule}: ${reason}`,
  );
  const sections = [
    formatTable(columns, findings, colors),
    `${colors.bold("Why")}\n${why.join("\n")}`,
    ...(fixes.length > 0 ? [`${colors.bold("Instead")}\n${fixes.join("\n")}`] : []),
  ];
  return sections.join("\n\n");
}

function asLines(file: string, findings: readonly Finding[]): string {
  return findings
    .map((finding) => {
      const { line, severity, rule, message, why } = finding;
      const fix = fixOf(finding);
      return oneLine(`${file}:${line}: ${severity} ${rule}: ${message} (${why})${fix === undefined ? "" : `; ${fix}`}`);
    })
    .join("\n");
}

function fixOf({ fix }: Finding): string | undefined {
  if (fix === undefined) return undefined;
  return fix === "" ? "remove the line" : `write: ${fix}`;
}
