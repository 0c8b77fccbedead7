// Tables: aligned columns on a terminal and off it, without frames, so that awk reads them as well as people.
import Table from "cli-table3";
import type { Colors } from "./terminal.ts";

const FRAMELESS = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "  ",
};

export interface Column<Row> {
  readonly head: string;
  readonly align?: "left" | "right";
  /** Left out where it does not fit, the highest first. */
  readonly expendable?: number;
  cell(row: Row): string;
}

const GAP = FRAMELESS.middle.length;

/** Without a line end after the last row. A table that is wider than `width` cells loses its expendable columns. */
export function formatTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  colors: Colors,
  width = Number.POSITIVE_INFINITY,
): string {
  const fitting = fittingColumns(columns, rows, width);
  const table = new Table({
    head: fitting.map(({ head }) => colors.bold(head)),
    colAligns: fitting.map(({ align }) => align ?? "left"),
    chars: FRAMELESS,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0, compact: true },
  });
  table.push(...rows.map((row) => fitting.map(({ cell }) => oneLine(cell(row)))));
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

function fittingColumns<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number,
): readonly Column<Row>[] {
  if (width === Number.POSITIVE_INFINITY) return columns;
  const widths = columns.map(({ head, cell }) => Math.max(head.length, ...rows.map((row) => cell(row).length)) + GAP);
  const kept = new Set(columns);
  let excess = widths.reduce((sum, cells) => sum + cells, -GAP) - width;
  for (const column of columns.toSorted((one, other) => (other.expendable ?? 0) - (one.expendable ?? 0))) {
    if (excess <= 0 || column.expendable === undefined) break;
    kept.delete(column);
    excess -= widths[columns.indexOf(column)] ?? 0;
  }
  return columns.filter((column) => kept.has(column));
}

/** Names come from outside; a line end or an escape sequence in one must not reach the terminal. */
export function oneLine(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001a\u001c-\u001f\u007f-\u009f]|\u001b(?!\[\d*m)/g, "�");
}
