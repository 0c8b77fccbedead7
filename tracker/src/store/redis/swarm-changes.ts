// What others changed in a swarm since a replica was brought up to date, as `sync-swarm.lua` tells it.
import type { CompactEndpoint } from "../../swarm/identifiers.ts";
import type { AddressCodec } from "../../swarm/inspection.ts";
import type { PeerFields } from "./peer-fields.ts";
import { FIELDS, parsePeerFields, parsePeerName } from "./peer-fields.ts";
import { ForeignDataError } from "./swarm-errors.ts";

export interface SwarmChanges {
  /** The state of every peer that changed and is live. */
  readonly peers: readonly PeerFields[];
  readonly departures: readonly Departure[];
  /** `[serial, serial, told at]`. */
  readonly tellings: readonly (readonly [number, number, number])[];
  readonly scalars: SwarmScalars;
}

/** What Redis has of a swarm as a whole. */
export interface SwarmScalars {
  readonly arrivals: number;
  readonly completions: number;
  /** Bytes a second. */
  readonly fastestPull: number;
  /** How long announces could not be answered, all in all: the swarm's clock stood still, so that nobody is taken for gone. Milliseconds. */
  readonly paused: number;
  /** The swarm's clock when it last went on; milliseconds since the epoch. */
  readonly resumed: number;
  /** When the last commit was, by the clock on the wall; 0 before the first. */
  readonly committed: number;
}

export interface Departure {
  readonly endpoint: CompactEndpoint;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Undefined when nothing is remembered of the peer. */
  readonly serial: number | undefined;
}

/** A peer's name and its fields, a name alone, or a pair of serials and when they were told; see the script. */
export type RawChange = readonly [string, ...(string | null)[]];

/** Of several changes of one peer the last counts. Throws `ForeignDataError` for what no store of ours wrote. */
export function readChanges(
  raw: readonly RawChange[],
  scalars: SwarmScalars,
  codec: AddressCodec,
  prefix: string,
): SwarmChanges {
  const foreign = (key: string): never => {
    throw new ForeignDataError(prefix + key);
  };
  const peers: PeerFields[] = [];
  const departures: Departure[] = [];
  const tellings: [number, number, number][] = [];
  for (const [name, ...values] of new Map(raw.map((change) => [change[0], change])).values()) {
    if (name.includes(" ")) tellings.push(readTelling(name, values[0] ?? null) ?? foreign("changes"));
    else if (isDeparture(values)) departures.push(readDeparture(name, values, codec) ?? foreign("changes"));
    else peers.push(parsePeerFields(name, values, codec) ?? foreign(`peer:${name}`));
  }
  return { scalars, peers, departures, tellings };
}

const SERIAL = FIELDS.indexOf("serial");
const DEPARTED = FIELDS.indexOf("departed");

function isDeparture(values: readonly (string | null)[]): boolean {
  return values.length === 0 || (values[DEPARTED] ?? "") !== "";
}

function readDeparture(name: string, values: readonly (string | null)[], codec: AddressCodec): Departure | undefined {
  const endpoint = parsePeerName(name, codec);
  if (endpoint === undefined) return undefined;
  const serial = values[SERIAL] ?? undefined;
  return {
    endpoint,
    at: Number(values[DEPARTED] ?? 0),
    serial: serial === undefined ? undefined : Number(serial),
  };
}

function readTelling(pair: string, at: string | null): [number, number, number] | undefined {
  const [one = Number.NaN, other = Number.NaN] = pair.split(" ").map(Number);
  if (Number.isNaN(one) || Number.isNaN(other)) return undefined;
  return [one, other, Number(at ?? 0)];
}
