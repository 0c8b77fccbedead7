// Prints what the checks found: a line each, and under those that need it what to do. Pure.
import { oneLine } from "../output/table.ts";
import type { Colors } from "../output/terminal.ts";
import { formatCount } from "../output/units.ts";
import { hanging } from "../output/wrapping.ts";
import type { CheckResult, Status } from "./check.ts";

const LABEL_COLUMNS = "warning  ".length;

export function printResults(
  results: readonly CheckResult[],
  { columns, colors }: { columns: number; colors: Colors },
): string {
  const nameColumns = Math.max(...results.map(({ check }) => check.length)) + 2;
  const lines = results.map(({ status, check, seen, remedy }) => {
    const lead = paint(status, colors)(status.padEnd(LABEL_COLUMNS)) + check.padEnd(nameColumns);
    const advice = remedy === undefined || status === "ok" ? [] : [`→ ${remedy}`];
    return hanging(lead, [oneLine(seen), ...advice].join("\n"), { columns, leadColumns: LABEL_COLUMNS + nameColumns });
  });
  return [...lines, "", summaryOf(results)].join("\n");
}

function paint(status: Status, colors: Colors): (text: string) => string {
  return { ok: colors.green, warning: colors.yellow, failed: colors.red, skipped: colors.dim }[status];
}

function summaryOf(results: readonly CheckResult[]): string {
  const count = (wanted: Status) => results.filter(({ status }) => status === wanted).length;
  const parts = (["failed", "warning", "skipped"] as const).flatMap((status) =>
    count(status) > 0 ? [`${count(status)} ${status}`] : [],
  );
  return `${formatCount(results.length, "check")}: ${[...parts, `${count("ok")} ok`].join(", ")}`;
}
