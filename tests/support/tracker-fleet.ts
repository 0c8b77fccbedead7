// Trackers as processes, sharing a Redis unless told otherwise, and clients that announce to any of them, as behind a load balancer.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { Agent, get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { startTrackerCommand, until } from "./tracker-command.ts";

export interface FleetPeer {
  /** IPv4 in text form; the tracker takes it from X-Forwarded-For. */
  readonly address: string;
  /** 20 ASCII characters. */
  readonly peerId: string;
  left: number;
}

export interface FleetTracker {
  readonly url: string;
  /** Undefined while it runs. */
  readonly exitCode: () => number | null;
  kill(signal: NodeJS.Signals): Promise<void>;
}

/** A bencoded answer as text, one character a byte. */
export interface FleetReply {
  readonly status: number;
  readonly body: string;
  readonly milliseconds: number;
}

export interface TrackerFleet {
  readonly trackers: readonly FleetTracker[];
  /** Registers the torrent at the first tracker and activates it; resolves when all trackers know. */
  publish(release: { infoHash: string; bytes: Uint8Array }): Promise<void>;
  /** Rejects when the tracker does not answer. */
  announce(tracker: FleetTracker, infoHash: string, peer: FleetPeer, event?: string): Promise<FleetReply>;
  close(): Promise<void>;
}

const PORT = 6881;

export async function startTrackerFleet(
  count: number,
  { env, topology }: { env: Readonly<Record<string, string>>; topology: string },
): Promise<TrackerFleet> {
  const folder = await mkdtemp(join(tmpdir(), "rackcast-fleet-"));
  const topologyFile = join(folder, "racks");
  await writeFile(topologyFile, topology);
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const trackers = await Promise.all(Array.from({ length: count }, async () => startTracker(topologyFile, env)));

  async function publish({ infoHash, bytes }: { infoHash: string; bytes: Uint8Array }): Promise<void> {
    const url = `${trackers[0]!.url}/transfers`;
    const headers = { "content-type": "application/x-bittorrent" };
    const registered = await fetch(url, { method: "POST", headers, body: new Uint8Array(bytes) });
    const json = { "content-type": "application/json" };
    const activated = await fetch(`${url}/${infoHash}/activate`, { method: "POST", headers: json, body: "{}" });
    if (!registered.ok || !activated.ok) throw new Error(await activated.text());
    for (const tracker of trackers) await until("a tracker knows the transfer", async () => knows(tracker, infoHash));
  }

  function announce({ url }: FleetTracker, infoHash: string, peer: FleetPeer, event?: string): Promise<FleetReply> {
    const asked = performance.now();
    const id = `info_hash=${infoHash.replace(/../g, "%$&")}&peer_id=${peer.peerId}&port=${PORT}&key=0a0b0c0d`;
    const numbers = `uploaded=0&downloaded=0&left=${peer.left}&compact=1${event === undefined ? "" : `&event=${event}`}`;
    return new Promise((resolve, reject) => {
      const headers = { "x-forwarded-for": peer.address };
      const request = get(`${url}/announce?${id}&${numbers}`, { agent, headers }, (response) => {
        buffer(response).then((bytes) => {
          const milliseconds = performance.now() - asked;
          resolve({ status: response.statusCode ?? 0, body: bytes.toString("latin1"), milliseconds });
        }, reject);
      });
      request.on("error", reject);
    });
  }

  return {
    trackers,
    publish,
    announce,
    async close() {
      agent.destroy();
      await Promise.all(trackers.map(async (tracker) => tracker.kill("SIGKILL")));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function startTracker(topologyFile: string, env: Readonly<Record<string, string>>): Promise<FleetTracker> {
  const args = ["--topology-file", topologyFile, "--proxypass"];
  const { url, command, end } = await startTrackerCommand(args, { STORE: "redis", ...env });
  return { url, exitCode: () => command.process.exitCode, kill: end };
}

async function knows({ url }: FleetTracker, infoHash: string): Promise<boolean> {
  const response = await fetch(`${url}/transfers/${infoHash}`);
  return response.ok && ((await response.json()) as { state: string }).state === "active";
}
