// What concerns all hosts of a run of Ansible, said with the way out.
import { CommandError } from "../../errors.ts";
import type { AnsibleExit } from "./ansible-process.ts";

const SHOWN_LINES = 6;
/** Of an inventory, what each of Ansible's readers had against it comes before. */
const READERS_LINES = 12;
const REMEDIES: readonly (readonly [complaint: RegExp, remedy: string])[] = [
  [/does not match any hosts|no hosts to target/i, "Name hosts and groups as the inventory does."],
  [/^[\w-]+: error: /, "Correct what is passed by --ansible-arg."],
  [
    /vault secrets|vault password|decrypt/i,
    "Give the vault's password in a file: --ansible-arg=--vault-password-file=FILE.",
  ],
  [/inventory|unable to parse/i, "Correct the inventory until ansible-inventory --list takes it."],
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

/** Such as `ERROR! …`, `[ERROR]: …` and `ansible-playbook: error: …`. */
const FATAL = /^(ERROR!|\[ERROR\]|[\w-]+: error: )/;

/** Warnings come before what ended it, and are many; the help may come after it. */
export function complaintLines(complaint: string): string {
  const lines = complaint.split("\n").map((line) => line.trim());
  const filled = lines.filter((line) => line !== "");
  const fatal = filled.findLastIndex((line) => FATAL.test(line));
  if (fatal < 0) return filled.slice(-SHOWN_LINES).join("\n");
  const before = filled[fatal]?.includes("failed to parse inventory") ? READERS_LINES : 0;
  const told = filled.slice(Math.max(0, fatal - before), fatal + SHOWN_LINES);
  const help = told.findIndex((line) => line.startsWith("usage: "));
  return told.slice(0, help < 0 ? undefined : help).join("\n");
}
