// Deltas as a ledger numbers them, whose fields are as various as they may be.
import { type Delta, numbered } from "../../tracker/src/accounting/delta.ts";
import type { InfoHash } from "../../tracker/src/swarm/identifiers.ts";

const STARTED_AT = Date.UTC(2026, 0, 31, 23, 59, 59, 1);
const EVENTS = ["started", "none", "completed", "stopped", "expired"] as const;
const FLAGS = ["none", "restarted", "implausible"] as const;
const PLACES = [
  { user: "10.77.1.4", address: "10.77.1.4", rack: "ams1/row4/rack12" },
  { user: "fd00:77::4", address: "fd00:77::4", rack: "unknown" },
  { user: "naïve – “Bäcker” 数据 🚚", address: "2001:db8::ff", rack: "zürich/Reihe 4/стойка" },
  { user: `o'neil", \\ {}$1 %s\ttab\nline`, address: "192.0.2.255", rack: "a,b;'c'" },
];

/** From this number of the source on, in order. */
export function deltas(count: number, { source = "00112233aabbccdd", from = 1 } = {}): Delta[] {
  return Array.from({ length: count }, (_, index) => delta(source, from + index));
}

function delta(source: string, sequence: number): Delta {
  const delta = {
    ...at(PLACES, sequence),
    infoHash: (sequence % 3).toString(16).repeat(40) as InfoHash,
    peerId: Buffer.from(`-lt0D80-${String(sequence).padStart(12, "0").slice(-12)}`, "latin1").toString("hex"),
    event: at(EVENTS, sequence),
    deltaUploaded: amount(sequence),
    deltaDownloaded: amount(sequence + 1),
    secondsSeeded: at([0, 0.001, 12.345, 86_400], sequence),
    left: amount(sequence + 3),
    flag: at(FLAGS, sequence),
    reportedAt: new Date(STARTED_AT + sequence).toISOString(),
  };
  return numbered(delta, source, sequence);
}

/** The greatest among them. */
function amount(number: number): number {
  return at([0, 1, 16_384, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER], number);
}

function at<Value>(values: readonly Value[], number: number): Value {
  return values[number % values.length]!;
}
