// Names come from outside: what must not reach a terminal or a line of a log as it is.

/** Control characters, line ends among them, as `\n` or `\x1b`; everything else as it is. */
export function escaped(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (control) =>
    control === "\n" ? "\\n" : `\\x${control.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}
