// Complaints as ansible-core 2.14 wrote them.
import { describe, expect, it } from "vitest";
import { ansibleError, complaintLines } from "./ansible-error.ts";

const SEALED_VARIABLES = `[WARNING]:  * Failed to parse /etc/hosts.ini with ini plugin: Attempting to
decrypt but no vault secrets found
ERROR! Completely failed to parse inventory source /etc/hosts.ini
`;
const WRONG_OPTION = `usage: ansible-playbook [-h] [--version] [-v] [--private-key PRIVATE_KEY_FILE]
                        [-i INVENTORY] [--vault-id VAULT_IDS]
ansible-playbook: error: unrecognized arguments: --colour=red

usage: ansible-playbook [-h] [--version] [-v] [--private-key PRIVATE_KEY_FILE]
                        [-i INVENTORY] [--vault-id VAULT_IDS]
`;
const CRASH = `[WARNING]: something old
ERROR! Unexpected Exception, this is probably a bug: cannot allocate memory
to see the full traceback, use -vvv
`;

function messageOf(exitCode: number | undefined, complaint: string): string {
  const error = ansibleError("ansible-playbook", { exitCode, complaint, startError: undefined, stdout: "" });
  expect(error.code).toBe("ANSIBLE_FAILED");
  return error.message;
}

describe("an Ansible that came to no host", () => {
  it("is told with its last words and a way out that fits them", () => {
    expect(messageOf(1, SEALED_VARIABLES)).toMatch(
      /ended with code 1, saying:\n.*Attempting to\n.*no vault secrets[^]*--vault-password-file=FILE\.$/,
    );
    expect(messageOf(2, WRONG_OPTION)).toBe(
      "ansible-playbook ended with code 2, saying:\nansible-playbook: error: unrecognized arguments: --colour=red\nCorrect what is passed by --ansible-arg.",
    );
    expect(messageOf(250, CRASH)).toMatch(/ended with code 250, saying:\nERROR! Unexpected[^]*-vvv\nCorrect that/);
    expect(messageOf(undefined, "")).toMatch(/^ansible-playbook was killed/);
  });

  it("has its last lines shown when none of them is marked as the fault", () => {
    const lines = Array.from({ length: 20 }, (_, index) => `line ${index}`);
    expect(complaintLines(`${lines.join("\n\n")}\n`)).toBe(lines.slice(-6).join("\n"));
  });
});
