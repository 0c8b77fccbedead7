// One rtorrent in one host's namespace: started empty, told to load the torrent, asked how far it is.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { renderRtorrent } from "@rackcast/client-config";
import { createRtorrentControl, type RtorrentControl } from "@rackcast/deployer-cli/rtorrent";
import { logTail, startLabProcess } from "./lab-process.ts";
import type { LabNetwork } from "./topology.ts";
import type { LabHost } from "./shape.ts";
import type { Payload } from "./workspace.ts";

export interface PeerCounter {
  readonly address: string;
  /** Payload bytes got from that peer over the present connection. */
  readonly downloadedBytes: number;
}

export interface ClientProgress {
  readonly completedBytes: number;
  readonly complete: boolean;
  readonly message: string;
}

export interface MovedBytes {
  readonly uploaded: number;
  readonly downloaded: number;
}

export interface LabClient {
  readonly host: LabHost;
  readonly running: boolean;
  /** Loads and starts the torrent. */
  load(payload: Payload): Promise<void>;
  progress(): Promise<ClientProgress>;
  peers(payload: Payload): Promise<PeerCounter[]>;
  /** Announces that a tracker has answered with success so far. */
  announced(payload: Payload): Promise<number>;
  /** Stops the torrent, which the client announces; answers what it moved by its own counters, which then stand still. */
  stop(payload: Payload): Promise<MovedBytes>;
  /** kill -9. */
  kill(): Promise<void>;
}

export interface LabClientOptions {
  readonly network: LabNetwork;
  readonly host: LabHost;
  /** The client's own folder: configuration, session, log. */
  readonly folder: string;
  /** Where payloads are, or come to be. */
  readonly downloads: string;
  readonly announceEverySeconds: number;
}

const START_TIMEOUT_MS = 20_000;

/** Resolves when the client's control socket answers. */
export async function startLabClient(options: LabClientOptions): Promise<LabClient> {
  const socketPath = join(options.folder, "rpc.sock");
  const rcFile = join(options.folder, "rtorrent.rc");
  const logFile = join(options.folder, "rtorrent.log");
  await mkdir(join(options.folder, "session"), { recursive: true });
  await mkdir(options.downloads, { recursive: true });
  await writeFile(rcFile, configuration(options, socketPath));
  const program = await startLabProcess(options.network, {
    host: options.host,
    command: ["rtorrent", "-n", "-o", `import=${rcFile}`],
    logFile,
    environment: { TERM: "dumb" },
  });
  const control = createRtorrentControl(socketPath);
  await answering(control, () => program.running, logFile);
  let killed = false;
  return {
    host: options.host,
    get running() {
      return !killed && program.running;
    },
    load: (payload) => control.load(payload.torrentFile, { start: true }),
    async progress() {
      const [download] = await control.list();
      return {
        completedBytes: download?.completedBytes ?? 0,
        complete: download?.complete ?? false,
        message: download?.message ?? "",
      };
    },
    async peers(payload) {
      const loaded = (await control.list()).some(({ hash }) => hash === payload.infoHash);
      const peers = loaded ? await control.peers(payload.infoHash) : [];
      return peers.map(({ address, downTotal }) => ({ address, downloadedBytes: downTotal }));
    },
    async announced(payload) {
      const counts = await control.call("t.multicall", payload.infoHash.toUpperCase(), "", "t.success_counter=");
      return [counts].flat(2).reduce<number>((sum, count) => sum + Number(count), 0);
    },
    async stop({ infoHash }) {
      await control.stop(infoHash);
      const counter = async (name: string) => Number(await control.call(name, infoHash.toUpperCase()));
      return { uploaded: await counter("d.up.total"), downloaded: await counter("d.completed_bytes") };
    },
    async kill() {
      // Its socket refuses a little before its end is known.
      killed = true;
      await program.kill();
    },
  };
}

function configuration(options: LabClientOptions, socketPath: string): string {
  return renderRtorrent({
    directory: options.downloads,
    sessionDirectory: join(options.folder, "session"),
    scgiSocket: socketPath,
    listenPort: 6881,
    announceEverySeconds: options.announceEverySeconds,
  });
}

async function answering(control: RtorrentControl, running: () => boolean, logFile: string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    if (!running()) throw new Error(`rtorrent ended at its start: ${await logTail(logFile)}`);
    const answered = await control.pid().catch(() => undefined);
    if (answered !== undefined) return;
    await sleep(50);
  }
  throw new Error(`rtorrent did not answer on ${control.socketPath} within ${START_TIMEOUT_MS / 1000} s`);
}
