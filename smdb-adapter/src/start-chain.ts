// A chain out of its definitions: every resolver started, those that ask somebody behind a cache.
import { type CacheEvent, createCachedResolver } from "./cache/cached-resolver.ts";
import { type ChainLink, type ChainOptions, createChain, type TopologyChain } from "./chain.ts";
import { TopologyError, type TopologyFault } from "./errors.ts";
import { createLocalLink } from "./local-link.ts";
import type { ResolverDefinition } from "./resolver-definitions.ts";
import type { ResolverEvent } from "./resolver-kind.ts";

export type ChainEvent = ResolverEvent | CacheEvent;

export interface StartChainOptions extends ChainOptions {
  readonly definitions: readonly ResolverDefinition[];
  /** Names of the levels, outermost first; paths of another depth count as unknown. */
  readonly levels: readonly string[];
  /** Of the definitions that say nothing of their own. */
  readonly ttlSeconds: number;
  readonly negativeTtlSeconds: number;
  readonly onEvent: (event: ChainEvent) => void;
  /** What programs that resolvers ask are started through; nothing when left out. */
  readonly programPrefix?: readonly string[] | undefined;
}

/** Rejects with a `TopologyError` that says what is wrong with every definition that does not start; nothing is left open then. */
export async function startChain(options: StartChainOptions): Promise<TopologyChain> {
  const { definitions } = options;
  const results = await Promise.allSettled(definitions.map((definition) => startLink(definition, options)));
  const links = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const failures = results.flatMap((result, index): Failure[] => {
    const definition = definitions[index];
    return result.status === "fulfilled" || !definition ? [] : [{ definition, cause: result.reason as unknown }];
  });
  if (failures.length === 0) return createChain(links, options);
  await Promise.all(links.map((link) => link.close()));
  throw startError(failures);
}

async function startLink(definition: ResolverDefinition, options: StartChainOptions): Promise<ChainLink> {
  const { kind, name, settings } = definition;
  const { levels, waitMs, now, onEvent, programPrefix } = options;
  const timeoutMs = definition.timeoutSeconds * 1000;
  const resolver = await kind.start(settings as never, { name, levels, timeoutMs, onEvent, programPrefix });
  if (kind.isLocal) return createLocalLink(resolver);
  const { ttlSeconds = options.ttlSeconds, negativeTtlSeconds = options.negativeTtlSeconds } = definition;
  const mostAtOnce = kind.mostAtOnce?.(settings as never);
  const limits = { ttlSeconds, negativeTtlSeconds, waitMs, timeoutMs, mostAtOnce };
  return createCachedResolver(resolver, { ...limits, now, onEvent });
}

interface Failure {
  readonly definition: ResolverDefinition;
  readonly cause: unknown;
}

function startError(failures: readonly Failure[]): unknown {
  const [first, ...others] = failures;
  const faults = failures.flatMap(faultsOf);
  const strange = failures.find(({ cause }) => !(cause instanceof TopologyError));
  if (first === undefined || strange !== undefined) return strange?.cause;
  if (others.length === 0 && !areSettings(first.cause)) return first.cause;
  const names = failures.map(({ definition }) => definition.name).join(", ");
  const problem = others.length === 0 ? `the resolver ${names} is refused` : `the resolvers ${names} are refused`;
  return new TopologyError({ code: "RESOLVER_SETTINGS_FAULTY", problem, faults, cause: first.cause });
}

/** Whether its faults are of settings, and name them within their definition. */
function areSettings(cause: unknown): boolean {
  return cause instanceof TopologyError && SETTINGS_CODES.has(cause.code);
}

const SETTINGS_CODES: ReadonlySet<string> = new Set(["RESOLVER_SETTINGS_FAULTY", "TOPOLOGY_PREFIXES_FAULTY"]);

function faultsOf({ definition, cause }: Failure): TopologyFault[] {
  if (!(cause instanceof TopologyError)) return [];
  const { faults, problem, remedy } = cause;
  if (faults.length === 0) return [{ source: definition.source, text: definition.name, problem, remedy }];
  if (!areSettings(cause)) return [...faults];
  return faults.map((fault) => ({ ...fault, source: `${definition.source}.${fault.source}` }));
}
