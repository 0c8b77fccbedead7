// fetch that gives a tracker that is just being restarted a moment: every call of the API may be repeated.
import { setTimeout as delay } from "node:timers/promises";
import { CommandError, systemErrorCode } from "../errors.ts";

const RETRY_AFTER_MS = [200, 400, 800];
const ATTEMPT_TIMEOUT_MS = 30_000;
const RETRYABLE_STATUS = new Set([500, 502, 503, 504]);

/** Throws `TRACKER_UNREACHABLE` after the last attempt, or the signal's reason; `tracker` is the URL in the message. */
export function createRetryingFetch(tracker: string, signal: AbortSignal) {
  return async (request: Request): Promise<Response> => {
    for (const waitMs of RETRY_AFTER_MS) {
      const response = await attempt(request.clone(), signal).catch(() => undefined);
      signal.throwIfAborted();
      if (response && !RETRYABLE_STATUS.has(response.status)) return response;
      await delay(waitMs, undefined, { signal });
    }
    return attempt(request, signal).catch((cause) => {
      signal.throwIfAborted();
      throw unreachable(tracker, cause);
    });
  };
}

function attempt(request: Request, signal: AbortSignal): Promise<Response> {
  return fetch(request, { signal: AbortSignal.any([signal, AbortSignal.timeout(ATTEMPT_TIMEOUT_MS)]) });
}

function unreachable(tracker: string, cause: unknown): CommandError {
  const remedy = "Check --tracker or RACKCAST_TRACKER, or start one there: rackcast tracker";
  return new CommandError("TRACKER_UNREACHABLE", `No tracker answers at ${tracker} (${reasonOf(cause)}).\n${remedy}`, {
    cause,
  });
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && error.name === "TimeoutError") return `no answer in ${ATTEMPT_TIMEOUT_MS / 1000} s`;
  const inner = error instanceof Error ? error.cause : undefined;
  const code = systemErrorCode(inner);
  if (code === "ECONNREFUSED") return "connection refused";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "its name cannot be resolved";
  return code ?? (inner instanceof Error ? inner.message : String(error));
}
