// What every resolver is: the answer to "where is this address?".

/** Where a host is, outermost group first: `["ams1", "row4", "rack12"]`. One level is the common case. */
export type TopologyPath = readonly string[];

/** A known place, and who said so. */
export interface Location {
  readonly path: TopologyPath;
  /** Name of the resolver that answered, such as `subnet` or `file`. */
  readonly resolver: string;
  /** How long this holds, where that is shorter than answers are remembered otherwise. */
  readonly validSeconds?: number | undefined;
}

export type MaybePromise<T> = T | Promise<T>;

/**
 * Knows where addresses are.
 *
 * `address` is an IPv4 or IPv6 address in canonical text form (RFC 5952; an IPv4-mapped IPv6 address is given as
 * IPv4). `undefined` means "not known here", which is an answer and not an error. A resolver that has its
 * answer at hand returns it without a promise; one that must ask somebody returns a promise, which rejects
 * with a `TopologyError` when the other side fails.
 */
export interface TopologyResolver {
  readonly name: string;
  locate(address: string): MaybePromise<Location | undefined>;
  /** Reads again what it was started from, such as a file; what is refused is reported, and what it said before stays. Never rejects. */
  reload(): Promise<void>;
  /** May be called again. */
  close(): Promise<void>;
}
