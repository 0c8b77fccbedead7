// What a tracker is called among those that share a Redis.
import { randomBytes } from "node:crypto";
import { hostname } from "node:os";

const TOKEN_BYTES = 3;

/** Another one each time, also within a process; it tells people where to look. */
export function newTrackerName(): string {
  return `${hostname()}-${process.pid}-${randomBytes(TOKEN_BYTES).toString("hex")}`;
}
