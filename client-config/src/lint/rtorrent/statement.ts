// What one line of an rtorrent.rc says.

/** An argument: a text, a `{list}`, or a call in parentheses, `(name,args)`. */
export type Argument =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "list"; readonly items: readonly Argument[] }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Argument[] };

export interface Command {
  readonly name: string;
  readonly args: readonly Argument[];
}

/** A command of a file. */
export interface Statement extends Command {
  /** Where it begins, from 1. */
  readonly line: number;
  /** What follows a `;`, which rtorrent drops; undefined where nothing does. */
  readonly rest: string | undefined;
}

export interface SyntaxFault {
  readonly line: number;
  readonly problem: string;
}

export function textOf(argument: Argument | undefined): string {
  return argument?.kind === "text" ? argument.text : "";
}
