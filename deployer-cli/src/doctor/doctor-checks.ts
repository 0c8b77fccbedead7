// Which checks there are for what is there to be checked.
import process from "node:process";
import type { TrackerClient } from "../api/tracker-client.ts";
import { createRtorrentControl } from "../rtorrent/index.ts";
import { type Check, unlessAway } from "./check.ts";
import { clientDiscovery } from "./client-discovery.ts";
import { createClientProbe, isAnswering } from "./client-probe.ts";
import { clientSchedule } from "./client-schedule.ts";
import { clientSocket } from "./client-socket.ts";
import { clientVersion } from "./client-version.ts";
import { clockSkew } from "./clock-skew.ts";
import { downloadDirectory } from "./download-directory.ts";
import { fleetTopology } from "./fleet-topology.ts";
import { httpAnnounce } from "./http-announce.ts";
import { openFilesHere, openFilesOfClient } from "./open-files.ts";
import { type HostPort, peerPort } from "./peer-port.ts";
import { nodeVersion, programs } from "./programs.ts";
import { redis } from "./redis.ts";
import { resolverBreakers } from "./resolver-breakers.ts";
import { smdb, type SmdbProbe } from "./smdb.ts";
import { isTrackerThere, type TrackerProbe } from "./tracker-probe.ts";
import { trackerReady } from "./tracker-ready.ts";
import { udpAnnounce } from "./udp-announce.ts";

export const DEFAULT_SOCKET = "/run/rackcast/rtorrent.sock";

export interface DoctorSubjects {
  readonly tracker: TrackerProbe;
  readonly client: Pick<TrackerClient, "locate">;
  readonly socketPath: string | undefined;
  readonly peers: readonly HostPort[];
  readonly hostsFile: string | undefined;
  readonly smdb: SmdbProbe | undefined;
  readonly redisUrl: URL | undefined;
  readonly env: NodeJS.ProcessEnv;
}

/** In the order in which they are told. */
export function checksOf({
  tracker,
  client,
  socketPath,
  peers,
  hostsFile,
  smdb: database,
  redisUrl,
  env,
}: DoctorSubjects): Check[] {
  return [
    trackerReady(tracker),
    ...unlessAway("the tracker", () => isTrackerThere(tracker), [
      clockSkew(tracker),
      resolverBreakers(tracker),
      httpAnnounce(tracker),
      udpAnnounce(tracker),
      ...(hostsFile === undefined ? [] : [fleetTopology(hostsFile, client)]),
    ]),
    ...(database === undefined ? [] : [smdb(database)]),
    ...(redisUrl === undefined ? [] : [redis(redisUrl)]),
    ...peers.map(peerPort),
    ...(socketPath === undefined ? [] : clientChecks(socketPath)),
    nodeVersion(process.versions.node),
    ...programs(env),
    openFilesHere(),
  ];
}

function clientChecks(socketPath: string): Check[] {
  const client = createClientProbe(createRtorrentControl(socketPath));
  const others = [clientVersion, clientDiscovery, clientSchedule, openFilesOfClient, downloadDirectory];
  return [
    clientSocket(client),
    ...unlessAway(
      "rtorrent",
      () => isAnswering(client),
      others.map((check) => check(client)),
    ),
  ];
}
