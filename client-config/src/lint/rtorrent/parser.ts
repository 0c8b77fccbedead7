// Reads an rtorrent.rc, and texts that hold commands, the way rtorrent does.
import { createArgumentReader, SyntaxProblem } from "./argument-reader.ts";
import type { Command, Statement, SyntaxFault } from "./statement.ts";

export interface ParsedConfig {
  readonly statements: readonly Statement[];
  readonly faults: readonly SyntaxFault[];
  /** At least 1. */
  readonly lineCount: number;
}

/** What rtorrent's buffer for a line, continuations included, has room for. */
const LONGEST_LINE_BYTES = 4094;

export function parseRtorrentConfig(text: string): ParsedConfig {
  const statements: Statement[] = [];
  const faults: SyntaxFault[] = [];
  const lines = text.replace(/\n$/, "").split("\n");
  for (const { line, content } of joinContinued(lines)) {
    try {
      if (Buffer.byteLength(content) > LONGEST_LINE_BYTES) throw new SyntaxProblem("Exceeded max line length.");
      const parsed = parseCommand(content, 0);
      if (parsed) statements.push({ ...parsed.command, line, rest: restOf(content.slice(parsed.end)) });
    } catch (error) {
      if (!(error instanceof SyntaxProblem)) throw error;
      faults.push({ line, problem: error.message });
    }
  }
  return { statements, faults, lineCount: lines.length };
}

/** The commands of a text such as a schedule's, separated by `;` or line ends. What cannot be read ends them. */
export function parseCommands(text: string): Command[] {
  const commands: Command[] = [];
  try {
    for (let at = 0; at < text.length;) {
      const parsed = parseCommand(text, at);
      if (!parsed) break;
      commands.push(parsed.command);
      at = parsed.end;
    }
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error;
  }
  return commands;
}

/** A backslash at the end of a line, unless it is escaped itself, joins the next to it. */
function joinContinued(lines: readonly string[]): { line: number; content: string }[] {
  const joined: { line: number; content: string }[] = [];
  let open: { line: number; content: string } | undefined;
  for (const [index, text] of lines.entries()) {
    const current = open ?? { line: index + 1, content: "" };
    const backslashes = /\\*$/.exec(text)?.[0].length ?? 0;
    const continues = backslashes % 2 === 1;
    current.content += continues ? text.slice(0, text.length - backslashes) : text;
    open = continues ? current : undefined;
    if (!continues) joined.push(current);
  }
  return open ? [...joined, open] : joined;
}

/** Undefined where there is none: a blank line or a comment. */
function parseCommand(text: string, from: number): { command: Command; end: number } | undefined {
  let at = skipBlanks(text, from);
  if (at === text.length || text[at] === "#") return undefined;
  const name = /^[A-Za-z][A-Za-z0-9_.]*/.exec(text.slice(at, at + 127))?.[0];
  if (name === undefined) throw new SyntaxProblem("Invalid start of command name.");
  at = skipBlanks(text, at + name.length);
  if (text[at] !== "=") throw new SyntaxProblem(`Could not find '=' in command '${name}'.`);
  const reader = createArgumentReader(text, at + 1);
  const args = reader.read();
  at = skipBlanks(text, reader.at);
  if (at < text.length && !"\n;\0".includes(text.charAt(at))) throw new SyntaxProblem(junk(text.slice(at)));
  return { command: { name, args }, end: at + 1 };
}

function junk(rest: string): string {
  if (rest.startsWith("\r")) return "Junk at end of input: lines may not end in CR LF.";
  if (rest.startsWith("#")) return "Junk at end of input: a comment needs a line of its own.";
  return "Junk at end of input: a value with spaces needs quotes.";
}

function restOf(rest: string): string | undefined {
  const text = rest.trim();
  return text === "" ? undefined : text;
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (text[at] === " " || text[at] === "\t") at++;
  return at;
}
