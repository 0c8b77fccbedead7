// The inventory that an operator of the deploylab's hosts would have.
import { type LabHost } from "../netlab/shape.ts";
import type { SshAccess } from "./ssh-access.ts";

/** Groups `rack1`…, `web` of all racks, `sound` of those that nothing is wrong with, and `empty`. */
export function inventoryText(hosts: readonly LabHost[], sound: readonly LabHost[], ssh: SshAccess): string {
  const racks = [...Map.groupBy(hosts, ({ rack }) => `rack${rack}`)];
  return [
    ...racks.map(([rack, members]) => section(rack, members.map(hostLine))),
    section(
      "web:children",
      racks.map(([rack]) => rack),
    ),
    section(
      "sound",
      sound.map(({ name }) => name),
    ),
    section("empty", []),
    section("all:vars", [
      "ansible_user=root",
      "ansible_python_interpreter=/usr/bin/python3",
      `ansible_ssh_private_key_file=${ssh.keyFile}`,
      `ansible_ssh_common_args=${ssh.clientArgs}`,
    ]),
  ].join("\n");
}

function hostLine({ name, address }: LabHost): string {
  return `${name} ansible_host=${address}`;
}

function section(name: string, lines: readonly string[]): string {
  return [`[${name}]`, ...lines, ""].join("\n");
}
