// Reads the arguments of an rtorrent command, the way rtorrent does (src/rpc/parse.cc, the same from 0.9.8 to 0.16).
import type { Argument } from "./statement.ts";

/** What rtorrent refuses, in its words. */
export class SyntaxProblem extends Error {}

type IsEnd = (char: string) => boolean;

const isBlank = (char: string) => char === " " || char === "\t";
const isSpace = (char: string) => /^[ \t\n\v\f\r]$/.test(char);
const endsCommand: IsEnd = (char) => char === "," || char === ";" || isSpace(char);
const endsList: IsEnd = (char) => char === "," || char === "}";
const endsCall: IsEnd = (char) => char === "," || char === ")";

const MOST_PARENTHESES = 3;
/** rtorrent recurses without bound; no real line is that deep. */
const DEEPEST = 64;

export interface ArgumentReader {
  /** The arguments up to the end of the command; `at` is then behind them and the blanks. */
  read(): Argument[];
  readonly at: number;
}

export function createArgumentReader(text: string, start: number): ArgumentReader {
  let at = start;
  let depth = 0;

  function skipBlanks(): void {
    while (at < text.length && isBlank(text.charAt(at))) at++;
  }

  function readList(isEnd: IsEnd): Argument[] {
    const items: Argument[] = [];
    do {
      skipBlanks();
      items.push(readArgument(isEnd));
      skipBlanks();
    } while (text[at] === "," && at++ >= 0);
    return items;
  }

  function readArgument(isEnd: IsEnd): Argument {
    if (++depth > DEEPEST) throw new SyntaxProblem("Nested too deeply.");
    const char = text[at];
    const argument = char === "{" ? readBlock() : char === "(" ? readCall() : readText(isEnd);
    depth--;
    return argument;
  }

  function readBlock(): Argument {
    at++;
    const items = readList(endsList);
    if (text[at] !== "}") throw new SyntaxProblem("Could not find closing '}'.");
    at++;
    return { kind: "list", items };
  }

  function readCall(): Argument {
    let open = 0;
    for (; text[at] === "("; at++) open++;
    if (open > MOST_PARENTHESES) throw new SyntaxProblem("Max 3 parentheses per object allowed.");
    const name = readString(endsCall);
    skipBlanks();
    const args = text[at] === "," && at++ >= 0 ? readList(endsCall) : [];
    for (; open > 0 && text[at] === ")"; at++) open--;
    if (open > 0) throw new SyntaxProblem("Could not find closing ')'.");
    return { kind: "call", name: name.trim(), args };
  }

  function readText(isEnd: IsEnd): Argument {
    return { kind: "text", text: readString(isEnd) };
  }

  function readString(isEnd: IsEnd): string {
    const isQuoted = text[at] === '"';
    if (isQuoted) at++;
    let value = "";
    for (; at < text.length; at++) {
      const char = text.charAt(at);
      if (isQuoted ? char === '"' : isEnd(char)) break;
      if (char === "\\" && ++at === text.length) throw new SyntaxProblem("Escape character at end of input.");
      value += text.charAt(at);
    }
    if (isQuoted && at++ >= text.length) throw new SyntaxProblem("Missing closing quote.");
    return value;
  }

  return {
    read() {
      const items = readList(endsCommand);
      return items;
    },
    get at() {
      return at;
    },
  };
}
