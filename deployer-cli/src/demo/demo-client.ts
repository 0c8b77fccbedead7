// One host of the demo: a real rtorrent that listens, calls and announces at the host's own address.
import { join } from "node:path";
import { bandwidthLimitKiBps } from "@rackcast/client-config";
import { type NetworkLimit, type RtorrentProcess, startRtorrent } from "../rtorrent/index.ts";
import type { SupervisedChild } from "../rtorrent/supervised-child.ts";
import type { DemoHost } from "./demo-plan.ts";

export interface DemoClient {
  readonly host: DemoHost;
  readonly rtorrent: RtorrentProcess;
  /** Where its payload is stored. */
  readonly payloads: string;
}

export interface DemoClientStart {
  readonly host: DemoHost;
  /** Of all hosts; each has a folder of its own in it. */
  readonly folder: string;
  readonly receiveMbps: number;
  /** Slower paths, each with a limit of its own. */
  readonly uploadLimits: readonly NetworkLimit[];
  readonly announceEverySeconds: number;
  /** Told of the process as soon as there is one. */
  onStarted(child: SupervisedChild): void;
}

/** More than loopback carries; limits of networks count only below a limit of everything. */
const UNLIMITED = { accessMbps: 100_000, share: 1 };

/** Each client takes the first that is free at its address, so that demos can run side by side. */
const PORTS = { first: 6890, last: 6999 };

export async function startDemoClient(start: DemoClientStart): Promise<DemoClient> {
  const { host, folder, receiveMbps, uploadLimits, announceEverySeconds, onStarted } = start;
  const own = join(folder, host.name);
  const payloads = join(own, "payloads");
  const rtorrent = await startRtorrent({
    configFile: join(own, "rtorrent.rc"),
    settings: {
      directory: payloads,
      sessionDirectory: join(own, "session"),
      scgiSocket: join(own, "rpc.sock"),
      logFile: join(own, "rtorrent.log"),
      listenPort: PORTS,
      bindAddress: host.address,
      announceEverySeconds,
      bandwidth: UNLIMITED,
    },
    // A proxy in the user's environment would take the announces.
    env: { PATH: process.env["PATH"] },
  });
  onStarted(rtorrent);
  await rtorrent.control.setLimits({ downloadKiBps: bandwidthLimitKiBps({ accessMbps: receiveMbps, share: 1 }) });
  for (const limit of uploadLimits) await rtorrent.control.limitUploadsTo(limit);
  return { host, rtorrent, payloads };
}
