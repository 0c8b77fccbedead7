// Finds the rackcast command lines that documents and CI examples show.

export interface DocumentedCommand {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** Without the program's name. */
  readonly args: readonly string[];
  /** In running text, where a command is named without all that it needs. */
  readonly inProse: boolean;
}

/** In the place of a command: at the start, behind what joins commands, or behind a word that takes one; a quote may only open one for `sh`. */
const CALL = /(?:^|^\s*-|[;&|(`!]|["'] |\bsh ["']|\$ |\b(?:npx|exec|then|do|else|if|run:)) *rackcast +(?=[a-z-])/;

export function documentedCommands(file: string, text: string): DocumentedCommand[] {
  return file.endsWith(".md") ? commandsInMarkdown(file, text) : commandsInScript(file, text.split("\n"), 1);
}

function commandsInMarkdown(file: string, text: string): DocumentedCommand[] {
  // With the text in between at the even places.
  const parts = text.split(/^```\w*\n([^]*?)^```$/m);
  let line = 1;
  return parts.flatMap((part, index) => {
    const first = line;
    line += part.split("\n").length - 1;
    // A block begins on the line behind its fence.
    if (index % 2 === 0) line++;
    return index % 2 === 0 ? commandsInProse(file, part, first) : commandsInScript(file, part.split("\n"), first);
  });
}

function commandsInProse(file: string, text: string, firstLine: number): DocumentedCommand[] {
  return [...text.matchAll(/`(?:npx )?rackcast ([^`]+)`/g)].map(({ 1: code = "", index }) => ({
    file,
    line: firstLine + text.slice(0, index).split("\n").length - 1,
    args: splitCommandLine(code.replaceAll("\n", " ")),
    inProse: true,
  }));
}

function commandsInScript(file: string, lines: readonly string[], firstLine: number): DocumentedCommand[] {
  const found: DocumentedCommand[] = [];
  for (let index = 0; index < lines.length; index++) {
    const line = firstLine + index;
    let text = lines[index] ?? "";
    if (/^\s*(?:#|\/\/)/.test(text)) continue;
    while (text.endsWith("\\") && index + 1 < lines.length)
      text = `${text.slice(0, -1)} ${(lines[++index] ?? "").trim()}`;
    for (const call of text.matchAll(new RegExp(CALL, "g"))) {
      const code = text.slice(call.index + call[0].length);
      found.push({ file, line, args: splitCommandLine(code), inProse: false });
    }
  }
  return found;
}

/** As a shell splits it, up to where the command ends; what stands for values is left as it is written. */
export function splitCommandLine(code: string): string[] {
  const words: string[] = [];
  // Quoted parts and placeholders may hold blanks.
  const word = /(?:"(?:\\.|[^"\\])*"|'[^']*'|\$\{\{.*?\}\}|\$\(.*?\)|<[^<>]+>|[^\s"'`;|&<>()]|\\.)+/y;
  for (;;) {
    word.lastIndex += /^\s*/.exec(code.slice(word.lastIndex))?.[0].length ?? 0;
    const [text] = word.exec(code) ?? [];
    if (text === undefined || text.startsWith("#") || (/^\d$/.test(text) && code[word.lastIndex] === ">")) return words;
    words.push(text.replace(/"((?:\\.|[^"\\])*)"|'([^']*)'/g, (_, double, single) => double ?? single));
  }
}
