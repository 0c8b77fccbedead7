// What happens in the chain of resolvers, in the log: a fleet of hosts that all meet the same fault are few lines.
import type { ChainEvent } from "@rackcast/smdb-adapter";

export interface TopologyLog {
  error(details: object, message: string): void;
  warn(details: object, message: string): void;
  info(details: object, message: string): void;
  debug(details: object, message: string): void;
}

/** Between two warnings of the same of one resolver; those between are for debugging. */
const PAUSE_MS = 10_000;

/** `elapsed` tells milliseconds. */
export function createTopologyLog(log: TopologyLog, elapsed: () => number): (event: ChainEvent) => void {
  const quietUntil = new Map<string, number>();

  /** `what` is of a small set. */
  function warnSparingly(what: string, details: object, message: string): void {
    const isQuiet = elapsed() < (quietUntil.get(what) ?? Number.NEGATIVE_INFINITY);
    if (!isQuiet) quietUntil.set(what, elapsed() + PAUSE_MS);
    log[isQuiet ? "debug" : "warn"](details, message);
  }

  return (event) => {
    const { kind, resolver } = event;
    if (kind === "reloaded") {
      const { source, entryCount } = event;
      log.info({ resolver, source, entryCount }, "topology read again");
    } else if (kind === "refused") {
      log.error({ resolver, source: event.source, err: event.error }, "topology refused; the one before stays");
    } else if (kind === "fault") {
      const { fault, problem } = event;
      warnSparingly(`${resolver} ${fault}`, { resolver, fault, problem }, "a resolver's data is at fault");
    } else if (kind === "breaker") {
      if (event.state === "open") log.warn({ resolver }, "a resolver keeps failing and is left alone for a while");
      if (event.state === "closed") log.info({ resolver }, "a resolver answers again");
    } else if (event.error !== undefined) {
      const { address, error: err } = event;
      warnSparingly(resolver, { resolver, address, err }, "the place of a host was not found out");
    }
  };
}
