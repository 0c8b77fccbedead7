// An interactive shell on a pseudo-terminal, to press TAB in.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "./tracker-command.ts";
import { RUN_ENVIRONMENT } from "./run-environment.ts";

export type ShellName = "bash" | "zsh" | "fish";

export interface InteractiveShell {
  /** The line after the keys were pressed; it is empty again then. */
  lineAfter(keys: string): Promise<string>;
  end(): Promise<void>;
}

interface ShellSurroundings {
  readonly home: string;
  readonly folder: string;
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
}

const SHOW_LINE = "\u000f";
const CLEAR_LINE = "\u0015";
const KEYS_TIMEOUT_MS = 30_000;

/** How each is started, told to read a script, and told to show its line between marks when control-O is pressed. */
const SHELLS: Readonly<
  Record<ShellName, { readonly start: (home: string) => string; readonly setup: (script: string) => string }>
> = {
  bash: {
    start: (home) => `bash --noprofile --rcfile ${home}/setup -i`,
    setup: (script) => `source ${script}; PS1=; bind -x '"\\C-o": printf "\\n<<%s>>\\n" "$READLINE_LINE"'; echo ready`,
  },
  zsh: {
    start: (home) => `ZDOTDIR=${home} zsh -d -i`,
    setup: (script) =>
      `autoload -Uz compinit; compinit -D -u; source ${script}; PS1=
show-line() { zle -I; print -r -- "<<$BUFFER>>" }; zle -N show-line; bindkey '^O' show-line; bindkey '^U' kill-whole-line; echo ready`,
  },
  fish: {
    start: (home) => `fish --no-config --interactive --init-command 'source ${home}/setup'`,
    setup: (script) => `function fish_prompt; end; function fish_greeting; end; source ${script}
bind \\co 'echo; echo "<<"(commandline)">>"'; bind \\cu 'commandline ""'; echo ready`,
  },
};

/** In `folder`; what it reads and keeps for itself is in `home`. */
export async function startInteractiveShell(
  name: ShellName,
  { home, folder, script, env }: ShellSurroundings,
): Promise<InteractiveShell> {
  const { start, setup } = SHELLS[name];
  for (const file of ["setup", ".zshrc"]) writeFileSync(join(home, file), `${setup(script)}\n`);
  const surroundings = { ...RUN_ENVIRONMENT, HOME: home, TERM: "xterm", LANG: "C.UTF-8", ...env };
  const child = spawn("script", ["-qec", start(home), "/dev/null"], { cwd: folder, env: surroundings });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  await until(`${name} is ready: ${output}`, () => Promise.resolve(/^ready/m.test(output)));
  return {
    async lineAfter(keys) {
      output = "";
      child.stdin.write(keys + SHOW_LINE);
      await until(`${name} shows its line`, () => Promise.resolve(/<<.*>>/.test(output)), KEYS_TIMEOUT_MS);
      child.stdin.write(CLEAR_LINE);
      return /<<(.*)>>/.exec(output)?.[1] ?? "";
    },
    async end() {
      const exit = once(child, "exit");
      child.stdin.end("\u0003\nexit\n");
      await exit;
    },
  };
}
