// How each client is run as a service.
import { dirname } from "node:path";

export const SERVICE_CLIENTS = ["rtorrent", "transmission", "aria2", "qbittorrent"] as const;

export type ServiceClient = (typeof SERVICE_CLIENTS)[number];

interface Place {
  readonly configFile: string;
  readonly stateDirectory: string;
}

export interface ClientService {
  readonly title: string;
  readonly executable: string;
  args(place: Place): readonly string[];
  /** Commands that are run before, as the same user. */
  before(place: Place): readonly string[];
  /** Folders beside the directories that it writes to. */
  writes(place: Place): readonly string[];
  /** Asks it to say goodbye to its trackers and end. */
  readonly killSignal: "SIGINT" | "SIGTERM";
  /** Whether memory that is written may never be run. */
  readonly deniesWriteExecute: boolean;
}

const nothing = () => [];

export const CLIENT_SERVICES: Readonly<Record<ServiceClient, ClientService>> = {
  // With system.daemon.set it has no terminal, but stays the process that was started.
  rtorrent: {
    title: "rtorrent",
    executable: "/usr/bin/rtorrent",
    args: ({ configFile }) => ["-n", "-o", `import=${configFile}`],
    before: nothing,
    writes: nothing,
    killSignal: "SIGINT",
    deniesWriteExecute: true,
  },
  transmission: {
    title: "Transmission",
    executable: "/usr/bin/transmission-daemon",
    args: ({ configFile }) => ["--foreground", "--config-dir", dirname(configFile)],
    before: nothing,
    // It writes its settings back when it ends.
    writes: ({ configFile }) => [dirname(configFile)],
    killSignal: "SIGTERM",
    deniesWriteExecute: true,
  },
  aria2: {
    title: "aria2",
    executable: "/usr/bin/aria2c",
    args: ({ configFile }) => [`--conf-path=${configFile}`],
    before: ({ stateDirectory }) => [`/usr/bin/touch ${stateDirectory}/aria2.session`],
    writes: nothing,
    killSignal: "SIGINT",
    deniesWriteExecute: true,
  },
  qbittorrent: {
    title: "qBittorrent",
    executable: "/usr/bin/qbittorrent-nox",
    args: ({ configFile }) => [`--profile=${profileOf(configFile)}`],
    before: nothing,
    writes: ({ configFile }) => [profileOf(configFile)],
    killSignal: "SIGTERM",
    // Qt compiles regular expressions to machine code.
    deniesWriteExecute: false,
  },
};

/** Of PROFILE/qBittorrent/config/qBittorrent.conf. */
function profileOf(configFile: string): string {
  return dirname(dirname(dirname(configFile)));
}
