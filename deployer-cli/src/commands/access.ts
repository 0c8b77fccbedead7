// The tracker that a command talks to: the URL from --tracker, the token from the environment alone (flags show in ps).
import { createTrackerClient, type TrackerClient } from "../api/tracker-client.ts";
import type { Session } from "../session.ts";

export function connect({ env, signal }: Session, { tracker }: { readonly tracker: string }): TrackerClient {
  return createTrackerClient({ url: tracker, token: env["RACKCAST_TOKEN"] || undefined, signal });
}
