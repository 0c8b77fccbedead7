// What keeps a tracker from answering for a shared swarm.

/** Another tracker took the turn, because this one took too long. Nothing was written. */
export class LostTurnError extends Error {
  override readonly name = "LostTurnError";
}

/** The transfer is not active any more. */
export class SwarmClosedError extends Error {
  override readonly name = "SwarmClosedError";

  constructor(state: string) {
    super(`${state} transfer: activate it on the tracker first`);
  }
}

/** Other trackers kept the swarm's turn for too long. */
export class TurnTimeoutError extends Error {
  override readonly name = "TurnTimeoutError";

  constructor() {
    super("other trackers are busy with this transfer; it will be asked again");
  }
}

/** A key of a swarm holds what no store of ours wrote. */
export class ForeignDataError extends Error {
  override readonly name = "ForeignDataError";

  constructor(key: string) {
    super(
      `Redis holds what no tracker wrote under the key ${key}; move it away, or give the trackers a Redis (or database) of their own`,
    );
  }
}

/** One sentence fit for a client; undefined for errors that are none of these. */
export function explainSwarmError(error: unknown): string | undefined {
  const isOurs = [LostTurnError, SwarmClosedError, TurnTimeoutError, ForeignDataError].some(
    (kind) => error instanceof kind,
  );
  return isOurs && error instanceof Error ? error.message : undefined;
}
