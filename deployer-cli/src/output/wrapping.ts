// Sentences in lines that fit.

/** Breaks lines at spaces; what has none stays whole. Lines after the first begin with `indent`. */
export function wrapped(text: string, columns: number, indent = ""): string {
  const room = Math.max(1, columns - indent.length);
  return text
    .replace(new RegExp(`(.{1,${room}})(?: |$)`, "gm"), `$1\n${indent}`)
    .replace(new RegExp(`\n${indent}(?=\n|$)`, "g"), "")
    .trimEnd();
}
