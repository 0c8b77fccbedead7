// What makes a resolver configurable: its type's name, the schema of its settings, and how it is started.
import type { Static, TObject } from "typebox";
import type { TopologyError } from "./errors.ts";
import type { TopologyResolver } from "./topology-resolver.ts";

/** What a resolver is given beside its own settings. */
export interface ResolverContext {
  /** What its locations are told to come from; `rest` for the first of that type, unless the settings name it. */
  readonly name: string;
  /** Names of the levels, outermost first; paths of another depth are refused or count as unknown. Any depth goes when undefined. */
  readonly levels: readonly string[] | undefined;
  /** After which an answer comes too late; the resolver gives up then. */
  readonly timeoutMs: number;
  readonly onEvent: (event: ResolverEvent) => void;
  /** What every program is started through, such as one that makes it another user's; nothing when left out. */
  readonly programPrefix?: readonly string[] | undefined;
}

/** For logs and counters; nobody waits for it. */
export type ResolverEvent =
  /** What it was started from was read again. */
  | { readonly kind: "reloaded"; readonly resolver: string; readonly source: string; readonly entryCount: number }
  /** The same, refused: it goes on with what it had. */
  | { readonly kind: "refused"; readonly resolver: string; readonly source: string; readonly error: TopologyError }
  /**
   * Its data is at fault for one address, and an answer was made of it all the same, or the address counts as unknown. `fault` is of
   * a small fixed set, for counters, such as `several-servers`; `problem` names file and line or URL.
   */
  | { readonly kind: "fault"; readonly resolver: string; readonly fault: string; readonly problem: string };

export interface ResolverKind<Settings extends TObject = TObject> {
  /** As in `type: rest`. */
  readonly type: string;
  /** Every property has a description, and a default where it may be left out. Unknown properties are refused. */
  readonly settings: Settings;
  /** Answers from its own memory, so that it needs no cache, time-out or circuit breaker. */
  readonly isLocal: boolean;
  /** Most lookups that it is given at a time; the others wait, which counts for none of their time. Any number when left out. */
  mostAtOnce?(settings: Static<Settings>): number;
  /** Rejects with a `TopologyError` that names the setting, or file and line, and the remedy. */
  start(settings: Static<Settings>, context: ResolverContext): Promise<TopologyResolver>;
}

/** Keeps the type of the settings where a kind is defined. */
export function defineResolverKind<Settings extends TObject>(kind: ResolverKind<Settings>): ResolverKind<Settings> {
  return kind;
}
