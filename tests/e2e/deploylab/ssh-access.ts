// Keys of the deploylab's ssh, made for one run: the deployer's own, one of each host, and what makes either side know the other.
import { execFile } from "node:child_process";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { LabHost } from "../netlab/shape.ts";

export interface SshAccess {
  /** The deployer's private key. */
  readonly keyFile: string;
  /** Options of `ssh` that make it use this run's files and nothing of the user's. */
  readonly clientArgs: string;
  /** What a host's /etc/ssh has to hold. */
  folderOf(host: LabHost): string;
}

const execute = promisify(execFile);
const HOST_KEY = "ssh_host_ed25519_key";
const SSHD_SETTINGS = `HostKey /etc/ssh/${HOST_KEY}
AuthorizedKeysFile /etc/ssh/authorized_keys
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
Subsystem sftp /usr/lib/openssh/sftp-server
`;

export async function createSshAccess(hosts: readonly LabHost[], folder: string): Promise<SshAccess> {
  const keyFile = join(folder, "deployer_key");
  const knownHosts = join(folder, "known_hosts");
  const folderOf = (host: LabHost): string => join(folder, host.name);
  await mkdir(folder, { recursive: true });
  await makeKey(keyFile);
  const known = await Promise.all(
    hosts.map(async (host) => `${host.address} ${await prepareHost(folderOf(host), keyFile)}`),
  );
  await writeFile(knownHosts, known.join(""));
  return { keyFile, clientArgs: `-F none -o UserKnownHostsFile=${knownHosts}`, folderOf };
}

/** Answers the host's public key. */
async function prepareHost(folder: string, deployerKey: string): Promise<string> {
  await mkdir(folder);
  await makeKey(join(folder, HOST_KEY));
  await writeFile(join(folder, "sshd_config"), SSHD_SETTINGS);
  await cp(`${deployerKey}.pub`, join(folder, "authorized_keys"));
  return readFile(join(folder, `${HOST_KEY}.pub`), "utf8");
}

async function makeKey(file: string): Promise<void> {
  await execute("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "deploylab", "-f", file]);
}
