// How the benchmarks print what they measured.
import Table from "cli-table3";

export function print(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const style = { head: [], border: [] };
  const table = new Table({ head: [...head], style, colAligns: head.map((_, at) => (at === 0 ? "left" : "right")) });
  table.push(...rows.map((row) => [...row]));
  console.log(table.toString());
}

export function whole(value: number): string {
  return Math.round(value).toLocaleString("en");
}

export function percent(part: number): string {
  return `${(part * 100).toFixed(0)} %`;
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
