// What concerns all hosts of a run of Ansible, said with the way out.
import { CommandError } from "../../errors.ts";
import type { AnsibleExit } from "./ansible-process.ts";

const SHOWN_LINES = 6;
const REMEDIES: readonly (readonly [complaint: RegExp, remedy: string])[] = [
  [/vault/i, "Give the vault's password in a file: --ansible-arg=--vault-password-file=FILE."],
  [/inventory|Unable to parse/i, "Correct the inventory until ansible-inventory --list takes it."],
  [/does not match any hosts|no hosts to target/i, "Name the targets as the inventory names them."],
  [/unrecognized arguments|usage: /i, "Correct what is passed by --ansible-arg."],
];

/** For an Ansible that ended before it came to any host. */
export function ansibleError(program: string, { startError, exitCode, complaint }: AnsibleExit): CommandError {
  if (startError === "ENOENT") {
    const remedy = "Install ansible-core 2.14 or later (Debian: apt install ansible-core), or name it by its path.";
    return new CommandError("ANSIBLE_MISSING", `${program} is not installed, or not in PATH.\n${remedy}`);
  }
  if (startError !== undefined)
    return new CommandError("ANSIBLE_MISSING", `${program} cannot be started: ${startError}; check its permissions.`);
  const said = complaintLines(complaint);
  const remedy = REMEDIES.find(([words]) => words.test(said))?.[1] ?? "Correct that, and run this again.";
  return new CommandError("ANSIBLE_FAILED", `${endingOf(program, exitCode)}, saying:\n${said}\n${remedy}`);
}

export function endingOf(program: string, exitCode: number | undefined): string {
  return exitCode === undefined ? `${program} was killed` : `${program} ended with code ${exitCode}`;
}

/** Warnings come first and are many; what ended it comes last. */
export function complaintLines(complaint: string): string {
  const lines = complaint.split("\n").map((line) => line.trim());
  const from = lines.findLastIndex((line) => line.startsWith("ERROR!") || line.startsWith("[ERROR]"));
  const told = from < 0 ? lines.filter((line) => line !== "").slice(-SHOWN_LINES) : lines.slice(from);
  return told
    .filter((line) => line !== "")
    .slice(0, SHOWN_LINES)
    .join("\n");
}
