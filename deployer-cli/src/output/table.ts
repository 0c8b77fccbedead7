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
  cell(row: Row): string;
}

/** Without a line end after the last row. */
export function formatTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[], colors: Colors): string {
  const table = new Table({
    head: columns.map(({ head }) => colors.bold(head)),
    colAligns: columns.map(({ align }) => align ?? "left"),
    chars: FRAMELESS,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0, compact: true },
  });
  table.push(...rows.map((row) => columns.map(({ cell }) => oneLine(cell(row)))));
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

/** Names come from outside; a line end or an escape sequence in one must not reach the terminal. */
export function oneLine(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001a\u001c-\u001f\u007f-\u009f]|\u001b(?!\[\d*m)/g, "�");
}
