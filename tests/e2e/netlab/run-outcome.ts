// What a run came to: when everybody was done, and what crossed each link on the way.
import { bytesFromOutside, type HostRecord, type Measurement, type TimelineRow } from "./measure.ts";
import type { HostTraffic } from "./settled-traffic.ts";
import { idealSeconds, type Scenario } from "./scenarios.ts";
import { datacenterOf, type LabShape } from "./shape.ts";
import type { LinkBytes } from "./topology.ts";
import type { TrackerName } from "./trackers/lab-tracker.ts";
import type { Payload } from "./workspace.ts";

export interface GroupOutcome {
  /** `rack1`, `dc1`. */
  readonly name: string;
  readonly hosts: number;
  /** When its last living host was complete; undefined if one never was. */
  readonly doneAtSeconds: number | undefined;
  /** Bytes that crossed the link into it ÷ payload: headers, announces, everything. */
  readonly wireCopies: number;
  /** Payload bytes its hosts got from outside ÷ payload, by the clients' own counters. */
  readonly payloadCopies: number;
  /** Hosts that got at least one piece's worth from outside. */
  readonly hostsCrossed: number;
}

export interface RunOutcome {
  readonly scenario: string;
  readonly tracker: TrackerName;
  /** Until the last living host was complete; undefined if one never was. */
  readonly makespanSeconds: number | undefined;
  readonly idealSeconds: number;
  readonly payloadBytes: number;
  /** In order of their numbers. */
  readonly racks: readonly GroupOutcome[];
  readonly datacenters: readonly GroupOutcome[];
  readonly hosts: readonly HostRecord[];
  readonly timeline: readonly TimelineRow[];
  /** Undefined where nobody counted. */
  readonly traffic: readonly HostTraffic[] | undefined;
  /** What the scenario did, if it did something. */
  readonly event: string | undefined;
  /** Busy share of all processors while the run went on, 0..1: a run on a full machine proves nothing. */
  readonly processorShare: number;
  readonly trackerLog: string | undefined;
}

type Figures = Omit<RunOutcome, "event" | "processorShare" | "trackerLog" | "traffic">;

interface RunUnderTest {
  readonly scenario: Scenario;
  readonly tracker: TrackerName;
  readonly shape: LabShape;
  readonly payload: Payload;
}

export function figuresOf(
  { scenario, tracker, shape, payload }: RunUnderTest,
  measurement: Measurement,
  crossed: ReadonlyMap<string, LinkBytes>,
): Figures {
  const hosts = measurement.records();
  const group = (name: string, holds: (rack: number) => boolean): GroupOutcome => {
    const members = hosts.filter(({ host }) => holds(host.rack));
    const outside = members.map((record) => bytesFromOutside(record, holds));
    return {
      name,
      hosts: members.length,
      doneAtSeconds: lastCompletion(members),
      wireCopies: (crossed.get(name)?.into ?? 0) / payload.sizeBytes,
      payloadCopies: outside.reduce((total, bytes) => total + bytes, 0) / payload.sizeBytes,
      hostsCrossed: outside.filter((bytes) => bytes >= payload.pieceLengthBytes).length,
    };
  };
  const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
  return {
    scenario: scenario.name,
    tracker,
    makespanSeconds: lastCompletion(hosts),
    idealSeconds: idealSeconds(scenario, shape),
    payloadBytes: payload.sizeBytes,
    racks: numbers(shape.racks.length).map((number) => group(`rack${number}`, (rack) => rack === number)),
    datacenters: numbers(shape.datacenters).map((number) =>
      group(`dc${number}`, (rack) => datacenterOf(rack, shape) === number),
    ),
    hosts,
    timeline: measurement.timeline(),
  };
}

function lastCompletion(records: readonly HostRecord[]): number | undefined {
  const times = records.filter((record) => !record.killed).map((record) => record.completedAtSeconds);
  return times.includes(undefined) ? undefined : Math.max(...times.map(Number));
}

/** What crossed each link between two readings. */
export function difference(
  before: ReadonlyMap<string, LinkBytes>,
  after: ReadonlyMap<string, LinkBytes>,
): ReadonlyMap<string, LinkBytes> {
  return new Map(
    [...after].map(([name, now]) => {
      const then = before.get(name);
      return [name, { into: now.into - (then?.into ?? 0), out: now.out - (then?.out ?? 0) }];
    }),
  );
}
