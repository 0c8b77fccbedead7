// Sets up a machine that has its own /etc, /var and /run, by the real role.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { renderRtorrent, type RtorrentSettings } from "@rackcast/client-config";
import { createRtorrentControl } from "@rackcast/deployer-cli/rtorrent";
import type { HostEvent } from "../../deployer-cli/src/distribution/ansible/ansible-events.ts";
import { setUpHosts } from "../../deployer-cli/src/distribution/ansible/hosts-setup.ts";
import { startCommand } from "../integration/cli-process.ts";

const isRoot = process.getuid?.() === 0;
// What is written there stays in the namespace. Its first process reaps what is left to it, as start-stop-daemon needs it.
const MACHINE = `set -e
mount -t tmpfs none /mnt
for folder in etc var run usr/sbin usr/local/bin; do
  mkdir -p /mnt/$folder/upper /mnt/$folder/work
  mount -t overlay overlay -o lowerdir=/$folder,upperdir=/mnt/$folder/upper,workdir=/mnt/$folder/work /$folder
done
echo ready
while :; do sleep 0.1; done`;

interface Machine {
  /** Of its first process, as this machine numbers it. */
  readonly pid: number;
  path(path: string): string;
}

async function startMachine(): Promise<Machine> {
  const options = ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
  const child = spawn("unshare", [...options, "sh", "-c", MACHINE], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(async () => {
    const ended = once(child, "close");
    child.kill("SIGKILL");
    await ended;
  });
  await once(child.stdout, "data");
  const pid = Number(readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").trim());
  return { pid, path: (path) => `/proc/${pid}/root${path}` };
}

const SETTINGS: RtorrentSettings = {
  directory: "/var/lib/rackcast/releases",
  sessionDirectory: "/var/lib/rackcast/session",
  scgiSocket: "/run/rackcast/rtorrent.sock",
  listenPort: 6743,
  bindAddress: "127.0.0.1",
};

it.skipIf(!isRoot)(
  "sets a host up, and later changes and restarts only what a new configuration asks for",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "rackcast-setup-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const machine = await startMachine();
    const file = (name: string, text: string, mode = 0o644) => {
      writeFileSync(join(folder, name), text, { mode });
      return join(folder, name);
    };
    const enter = `#!/bin/sh\nexec nsenter --target ${machine.pid} --mount --pid -- /usr/bin/python3 "$@"\n`;
    const python = file("python", enter, 0o755);
    const reached = `ansible_connection=local ansible_host=127.0.0.1 ansible_python_interpreter=${python}`;
    const inventory = file("hosts.ini", `host1 ${reached}\n`);
    const rtorrentConfig = file("rtorrent.rc", renderRtorrent(SETTINGS));
    const trustKey = file("trust.pem", "a key\n");
    file("rackcast-pull.cron", "# cron starts it\n");
    const pull = { script: file("rackcast-pull", "#!/bin/sh\n"), units: folder };
    const options = { inventory: [inventory], env: process.env, signal: new AbortController().signal };

    const command = [
      "hosts",
      "setup",
      "--targets",
      "host1",
      "-i",
      inventory,
      "--no-install",
      "--pull",
      "--dry-run",
      "--json",
    ];
    const { code, stdout } = await startCommand(command).outcome;
    expect({ code, ...JSON.parse(stdout) }).toEqual({ code: 0, hosts: 1, changed: ["host1"], failed: [] });
    expect(existsSync(machine.path("/etc/rackcast"))).toBe(false);

    async function setUp(): Promise<readonly string[]> {
      const events: HostEvent[] = [];
      const onEvent = (event: HostEvent) => void events.push(event);
      const hosts = [{ name: "host1", address: "127.0.0.1" }];
      const places = { hostFolder: "/var/lib/rackcast", socket: SETTINGS.scgiSocket };
      const setup = { hosts, rtorrentConfig, trustKey, install: false, pull, ...places, onEvent };
      expect(await setUpHosts(options, setup)).toEqual([]);
      return events.filter(({ outcome }) => outcome === "changed").map(({ task }) => task);
    }

    expect(await setUp()).not.toEqual([]);
    const rtorrent = createRtorrentControl(machine.path(SETTINGS.scgiSocket));
    const first = await rtorrent.pid();
    expect(readFileSync(machine.path("/etc/rackcast/trust.pem"), "utf8")).toBe("a key\n");
    expect(statSync(machine.path("/usr/local/bin/rackcast-pull")).mode & 0o777).toBe(0o755);
    expect(readFileSync(machine.path("/etc/cron.d/rackcast-pull"), "utf8")).toBe("# cron starts it\n");
    expect(await rtorrent.call("directory.default")).toBe(SETTINGS.directory);

    writeFileSync(rtorrentConfig, renderRtorrent({ ...SETTINGS, maxUploads: 7 }));
    expect(await setUp()).toEqual([
      expect.stringContaining("Configure the client"),
      expect.stringContaining("Restart"),
    ]);
    expect(await rtorrent.pid()).not.toBe(first);
    expect(await rtorrent.call("throttle.max_uploads")).toBe(7);
  },
);
