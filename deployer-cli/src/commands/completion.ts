// `rackcast completion`: a shell's completion script, made from the commands that there are.
import { Argument, type Command } from "commander";
import { printBashScript } from "../completion/bash-script.ts";
import { type CommandNode, readCompletionTree } from "../completion/completion-tree.ts";
import { printFishScript } from "../completion/fish-script.ts";
import { transferNames } from "../completion/transfer-names.ts";
import { printZshScript } from "../completion/zsh-script.ts";
import type { Session } from "../session.ts";
import { examples } from "./examples.ts";

const PRINTERS = {
  bash: printBashScript,
  zsh: printZshScript,
  fish: printFishScript,
} satisfies Record<string, (tree: CommandNode) => string>;

const HELP = `
Names of transfers are asked of the tracker while you type, for a second at
most. Load the script where your shell starts, so that it is that of the
installed version:
  bash  source <(rackcast completion bash)     in ~/.bashrc
  zsh   source <(rackcast completion zsh)      in ~/.zshrc, behind compinit
  fish  rackcast completion fish | source      in ~/.config/fish/config.fish
${examples("completion bash", "completion zsh")}`;

export function addCompletionCommand(program: Command, session: Session): void {
  program
    .command("completion")
    .description("print a shell's completion script")
    .addArgument(new Argument("<shell>", "which shell").choices(Object.keys(PRINTERS)))
    .addHelpText("after", HELP)
    .action((shell: keyof typeof PRINTERS) => {
      session.terminal.stdout.write(PRINTERS[shell](readCompletionTree(program)));
    });
  addCandidatesCommand(program, session);
}

/** What the scripts call. */
function addCandidatesCommand(program: Command, session: Session): void {
  program
    .command("__complete", { hidden: true })
    .addArgument(new Argument("<what>").choices(["transfers"]))
    .argument("[words...]")
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (_what: string, words: readonly string[]) => {
      for (const name of await transferNames(words, session)) session.terminal.print(name);
    });
}
