// Settings whose rendered script and units are kept under golden/.
import type { PullSettings } from "./settings.ts";

const trustKey = `-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PUBLIC KEY-----
`;

/** Of `rackcast-pull.service` and its kin. */
export const PULL_UNITS_SETTINGS: PullSettings = { trackers: ["http://tracker:6969"] };

/** By the name of the script under golden/. */
export const PULL_GOLDEN_CASES: Readonly<Record<string, PullSettings>> = {
  "rackcast-pull.sh": { trackers: ["http://tracker:6969"] },
  "rackcast-pull-everything.sh": {
    trackers: ["https://tracker-1.example/rackcast", "http://[fd00::1]:6969"],
    releasesDirectory: "/srv/releases",
    currentDirectory: "/opt/current",
    watchDirectory: "/srv/watch",
    sessionDirectory: "/srv/session",
    stateDirectory: "/srv/pull",
    trustKey,
    tokenFile: "/etc/rackcast/token",
    bindAddress: "10.0.1.2",
    everySeconds: 60,
    scriptFile: "/usr/local/lib/rackcast/pull",
    user: "deploy",
  },
};
