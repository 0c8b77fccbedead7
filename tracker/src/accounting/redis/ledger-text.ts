// What the Redis ledger keeps, as text: arrays in JSON, because names would make up half of what Redis' memory holds.
import type { InfoHash, PeerId } from "../../swarm/identifiers.ts";
import type { Addition, Baseline } from "../counting.ts";
import type { UnnumberedDelta } from "../delta.ts";
import type { TrafficTotal } from "../ledger.ts";

export function parsePeerId(text: string): PeerId {
  return Buffer.from(text, "hex").toString("latin1") as PeerId;
}

export function baselineText(baseline: Baseline): string {
  const { user, address, rack, uploaded, downloaded, left, heardAt, held } = baseline;
  const counters = [uploaded, downloaded, left, heardAt, held.uploaded, held.downloaded, held.seededMs];
  return JSON.stringify([user, address, rack, ...counters]);
}

type BaselineRow = [string, string, string, number, number, number, number, number, number, number];

export function parseBaseline(text: string): Baseline {
  const row = JSON.parse(text) as BaselineRow;
  const [user, address, rack, uploaded, downloaded, left, heardAt, heldUploaded, heldDownloaded, heldSeededMs] = row;
  const held = { uploaded: heldUploaded, downloaded: heldDownloaded, seededMs: heldSeededMs };
  return { user, address, rack, uploaded, downloaded, left, heardAt, held };
}

/** Most users are called after their address, which then is empty. */
export function deltaText(delta: UnnumberedDelta): string {
  const { user, infoHash, peerId, address, rack, event, flag, reportedAt } = delta;
  const { deltaUploaded, deltaDownloaded, secondsSeeded, left } = delta;
  const whose = [user, infoHash, peerId, address === user ? "" : address, rack];
  const what = [event, deltaUploaded, deltaDownloaded, secondsSeeded, left, flag, Date.parse(reportedAt)];
  return JSON.stringify([...whose, ...what]);
}

type DeltaRow = [
  ...[user: string, infoHash: InfoHash, peerId: string, address: string, rack: string, event: UnnumberedDelta["event"]],
  ...[uploaded: number, downloaded: number, secondsSeeded: number, left: number],
  ...[flag: UnnumberedDelta["flag"], reportedAt: number],
];

export function parseDelta(text: string): UnnumberedDelta {
  const row = JSON.parse(text) as DeltaRow;
  const [user, infoHash, peerId, address, rack, event, deltaUploaded, deltaDownloaded, secondsSeeded, left] = row;
  const [flag, reportedAt] = [row[10], new Date(row[11]).toISOString()];
  return {
    user,
    infoHash,
    peerId,
    address: address === "" ? user : address,
    rack,
    event,
    deltaUploaded,
    deltaDownloaded,
    secondsSeeded,
    left,
    flag,
    reportedAt,
  };
}

/** Whose total it is: a field of the transfer's totals. */
export function totalName({ rack, user }: Pick<Addition, "rack" | "user">): string {
  return JSON.stringify([rack, user]);
}

/** The script writes totals: bytes up, bytes down, milliseconds of seeding, and when it changed, with spaces between. */
export function parseTotal(name: string, text: string): TrafficTotal {
  const [rack, user] = JSON.parse(name) as [string, string];
  const [uploaded = 0, downloaded = 0, seededMs = 0, changedAt = 0] = text.split(" ").map(Number);
  return { rack, user, uploaded, downloaded, secondsSeeded: seededMs / 1000, changedAt };
}
