// The `Examples:` section that closes the help of every command.

/** `lines` without the name of the program. */
export function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  rackcast ${line}`).join("\n")}`;
}
