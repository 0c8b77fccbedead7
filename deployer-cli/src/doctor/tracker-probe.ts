// Asks a tracker once, without a second try: what is checked is how it is now.
import { CommandError, systemErrorCode } from "../errors.ts";

const ASK_MS = 5000;

export interface TrackerProbe {
  /** Without a slash at the end. */
  readonly url: string;
  readonly token: string | undefined;
}

export interface TrackerAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Every byte is one character. */
  readonly body: string;
}

/** Throws `TRACKER_UNREACHABLE`. */
export async function askTracker(
  { url, token }: TrackerProbe,
  path: string,
  signal: AbortSignal,
): Promise<TrackerAnswer> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  try {
    const response = await fetch(`${url}${path}`, { headers, signal });
    const body = Buffer.from(await response.arrayBuffer()).toString("latin1");
    return { status: response.status, headers: response.headers, body };
  } catch (cause) {
    signal.throwIfAborted();
    const inner = cause instanceof Error ? cause.cause : undefined;
    const reason = systemErrorCode(inner) ?? (inner instanceof Error ? inner.message : String(cause));
    const remedy = "Start it (rackcast tracker), open the way to its port, or correct --tracker or RACKCAST_TRACKER.";
    throw new CommandError("TRACKER_UNREACHABLE", `no tracker answers at ${url}: ${reason}\n${remedy}`, { cause });
  }
}

export async function isTrackerThere(tracker: TrackerProbe): Promise<boolean> {
  return askTracker(tracker, "/healthz", AbortSignal.timeout(ASK_MS)).then(
    () => true,
    () => false,
  );
}
