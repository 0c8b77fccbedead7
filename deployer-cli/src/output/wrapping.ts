// Sentences in lines that fit.

/** Breaks lines at spaces; what has none stays whole. */
export function wrapped(text: string, columns: number): string {
  const line = new RegExp(`(.{1,${Math.max(1, columns)}})(?: |$)`, "g");
  return text
    .split("\n")
    .map((whole) => whole.replace(line, "$1\n").trimEnd())
    .join("\n");
}

/** After a lead that takes `leadColumns`, under which the later lines begin too. */
export function hanging(
  lead: string,
  text: string,
  { columns, leadColumns }: { columns: number; leadColumns: number },
): string {
  const lines = wrapped(text, columns - leadColumns).split("\n");
  return lead + lines.join(`\n${" ".repeat(leadColumns)}`);
}
