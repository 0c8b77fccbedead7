// One host of the deploylab: a machine of its own but for the kernel. Its files are this machine's with a private disk over them.
import { execFile } from "node:child_process";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { logTail, startLabProcess, type LabProcess } from "../netlab/lab-process.ts";
import type { LabHost } from "../netlab/shape.ts";
import type { LabNetwork } from "../netlab/topology.ts";

export interface Machine {
  readonly host: LabHost;
  /** Where a file of the machine is, seen from here. Absolute symbolic links lead astray. */
  fileOf(path: string): string;
  /** Runs a program there as root, as somebody at its console would; answers its output, rejects with it when it fails. */
  run(...command: readonly string[]): Promise<string>;
  /** Keeps a copy of its disk, for machines to start from. */
  saveDisk(folder: string): Promise<void>;
  /** Pulls the plug: all its processes and its network are gone at once, its disk too. */
  kill(): Promise<void>;
}

export interface MachineOptions {
  readonly network: LabNetwork;
  readonly host: LabHost;
  /** The machine's own folder: its disk and its console's log. */
  readonly folder: string;
  readonly diskMiB: number;
  /** What its /etc/ssh will have. */
  readonly sshFolder: string;
  /** A saved disk that it starts from. */
  readonly image?: string | undefined;
}

const execute = promisify(execFile);
const INIT = fileURLToPath(new URL("machine-init.sh", import.meta.url));
const NAMESPACES = ["--mount", "--uts", "--pid"];
const START_TIMEOUT_MS = 20_000;
const SSH_BANNER = /Server listening/;

/** Resolves when its sshd serves. */
export async function startMachine(options: MachineOptions): Promise<Machine> {
  const { network, host, folder, diskMiB, sshFolder, image = "" } = options;
  const disk = join(folder, "disk");
  const logFile = join(folder, "console.log");
  await mkdir(disk, { recursive: true });
  const booted = await startLabProcess(network, {
    host,
    command: [
      "unshare",
      ...NAMESPACES,
      "--fork",
      "--kill-child",
      INIT,
      disk,
      `${diskMiB}m`,
      host.name,
      sshFolder,
      image,
    ],
    logFile,
  });
  await serving(booted, logFile);
  const init = await firstProcess(booted.pid);
  const fileOf = (path: string): string => `/proc/${init}/root${path}`;
  return {
    host,
    fileOf,
    async run(...command) {
      const entering = ["nsenter", "--target", `${init}`, ...NAMESPACES, "--", ...command];
      const { file, args } = network.commandIn(host, entering);
      const { stdout } = await execute(file, args, { encoding: "utf8" });
      return stdout;
    },
    async saveDisk(to) {
      await execute("cp", ["--archive", fileOf("/.disk/upper"), to]);
    },
    async kill() {
      await network.unplug(host);
      await booted.kill();
    },
  };
}

async function serving(booted: LabProcess, logFile: string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline && booted.running) {
    if (SSH_BANNER.test(await readFile(logFile, "utf8"))) return;
    await sleep(20);
  }
  await booted.kill();
  throw new Error(`a machine of the lab did not start: ${await logTail(logFile)}`);
}

/** The process that `unshare` started, which is number 1 in the machine. */
async function firstProcess(unsharePid: number): Promise<number> {
  const children = await readFile(`/proc/${unsharePid}/task/${unsharePid}/children`, "utf8");
  return Number(children.trim());
}
