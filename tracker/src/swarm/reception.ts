// One announce, from what it says to what it is answered with: identity, life, standing, handout.
import type { Announce, AnnounceOutcome, TransferTerms } from "./announce.ts";
import { isActive } from "./activity.ts";
import { drawHandout } from "./handout.ts";
import { type HandoutBuffer, NOBODY } from "./handout-buffer.ts";
import { hashKey, recognise } from "./identity.ts";
import { hostOf } from "./identifiers.ts";
import { goneAt, isGone, learnHabit, noteLife } from "./life.ts";
import { ORIGIN, STALLED } from "./peer-table.ts";
import { NOTES, QUIET_UNTIL } from "./rack-notes.ts";
import { smoothedRate } from "./progress.ts";
import type { Swarm } from "./swarm.ts";

/** A shorter gap between two announces says nothing about progress. */
const TELLING_GAP_SECONDS = 1;

export interface Report {
  readonly announce: Announce;
  readonly terms: TransferTerms;
  readonly now: number;
  readonly random: () => number;
}

/** Changes the swarm as the announce says, and draws its handout into `handout`, which the outcome then holds. */
export function receive(swarm: Swarm, report: Report, handout: HandoutBuffer): AnnounceOutcome {
  const { announce, now } = report;
  const identity = recognise(swarm, announce, now);
  if (identity.kind === "refused") return identity;
  if (announce.event === "stopped") {
    if (identity.kind === "known") swarm.remove(identity.slot, now);
    return { kind: "accepted", handout: NOBODY, counts: swarm.counts() };
  }
  const slot = identity.kind === "known" ? update(swarm, identity.slot, report) : admit(swarm, report);
  dismissGone(swarm, slot, now);
  const want = Math.min(announce.numwant ?? swarm.policy.maxPeers, swarm.policy.maxPeers);
  swarm.announcer = slot;
  swarm.changes++;
  handout.begin(swarm.table);
  drawHandout({ swarm, slot, want, reach: announce.reach, now, random: report.random, handout });
  return { kind: "accepted", handout, counts: swarm.counts() };
}

function admit(swarm: Swarm, { announce, terms, now }: Report): number {
  const { table } = swarm;
  const rack = swarm.rackOf(announce.path);
  const slot = table.allocate();
  table.setId(slot, announce.peerId);
  table.setEndpoint(slot, announce.endpoint);
  table.setSecondEndpoint(slot, announce.otherEndpoint);
  table.keys[slot] = hashKey(announce.key);
  table.setFlags(slot, isOrigin(swarm, announce, terms) ? ORIGIN : 0);
  table.setLeft(slot, announce.left);
  table.setTransferred(slot, announce.uploaded, announce.downloaded);
  table.setSeenAt(slot, now);
  table.setHopefulAt(slot, now);
  table.bornAt[slot] = now / 1000;
  table.completedAt[slot] = announce.left === 0 ? now / 1000 : 0;
  table.setHabit(slot, 0);
  table.setRate(slot, 0);
  table.place[slot] = swarm.arrivals;
  table.setSerial(slot, swarm.told.returning(announce.endpoint, now) ?? swarm.arrivals);
  swarm.arrivals++;
  swarm.admit(slot, rack);
  swarm.told.settle(slot);
  return slot;
}

function update(swarm: Swarm, slot: number, report: Report): number {
  const { announce, terms, now } = report;
  const { table } = swarm;
  table.listener.changed(slot);
  const gapMs = now - table.seenAtOf(slot);
  if (announce.left > 0) learnHabit(table, slot, gapMs);
  noteProgress(swarm, slot, announce, now);
  table.setSeenAt(slot, now);
  if (announce.left === 0 && !table.isComplete(slot)) complete(swarm, slot, now);
  if (announce.left !== table.leftOf(slot)) swarm.setLeft(slot, announce.left);
  table.setTransferred(slot, announce.uploaded, announce.downloaded);
  if (terms.origins.size > 0) swarm.setOrigin(slot, announce.left === 0 && isDeclared(swarm, slot, report));
  if (!swarm.isAt(slot, announce.path)) swarm.move(slot, swarm.rackOf(announce.path));
  noteLife(table, slot, swarm.policy);
  return slot;
}

function noteProgress(swarm: Swarm, slot: number, announce: Announce, now: number): void {
  const { table } = swarm;
  const got = table.leftOf(slot) - announce.left;
  const seconds = (now - table.seenAtOf(slot)) / 1000;
  const progressed = got > 0 || announce.downloaded > table.downloadedOf(slot);
  const before = table.has(slot, STALLED) ? 0 : table.rateOf(slot);
  if (progressed) table.setHopefulAt(slot, now);
  if (progressed || seconds >= TELLING_GAP_SECONDS) table.setFlag(slot, STALLED, !progressed);
  const spansPause = table.seenAtOf(slot) <= swarm.resumedAt;
  if (seconds < TELLING_GAP_SECONDS || spansPause) return;
  // What it had before it stood still says nothing of the source that it has now.
  const rate = smoothedRate(before, Math.max(0, got) / seconds);
  table.setRate(slot, rate);
  if (rate > swarm.fastestPull && pullsFromOutside(swarm, slot, now)) swarm.fastestPull = rate;
}

/** Those that stand by get what they get from their mates, faster than any uplink carries. */
function pullsFromOutside(swarm: Swarm, slot: number, now: number): boolean {
  const { table, datacenter } = swarm;
  if (table.representsOf(slot) !== datacenter.level) return false;
  const group = table.rackOf(slot)?.chain[datacenter.level - 1];
  return group !== undefined && isActive(swarm, slot, group, now);
}

function complete(swarm: Swarm, slot: number, now: number): void {
  swarm.completions++;
  swarm.table.completedAt[slot] = now / 1000;
  swarm.table.setRate(slot, 0);
}

/** Declared, and complete; or, where none is declared, complete from the start while nobody has completed yet. */
function isOrigin(swarm: Swarm, announce: Announce, terms: TransferTerms): boolean {
  if (announce.left > 0) return false;
  return terms.origins.size > 0 ? terms.origins.has(hostOf(announce.endpoint)) : swarm.completions === 0;
}

/** By either of its addresses. */
function isDeclared({ table }: Swarm, slot: number, { announce, terms }: Report): boolean {
  if (terms.origins.has(hostOf(announce.endpoint))) return true;
  return !table.isOnHost(slot, announce.endpoint) && terms.origins.has(table.hostOf(slot));
}

/** The representatives of the announcer's groups that outlived their lifetime make room at this instant. */
function dismissGone(swarm: Swarm, slot: number, now: number): void {
  const { table, policy } = swarm;
  const { rooms } = table;
  const quiet = table.roomOf(slot) * NOTES + QUIET_UNTIL;
  // Where racks are all there is below the datacenter, their representatives are all.
  if (policy.levels.length === 1 && now <= (rooms.notes[quiet] ?? 0)) return;
  for (const group of table.rackOf(slot)?.chain ?? []) {
    for (const other of group.representatives) {
      if (other !== slot && table.isLive(other) && isGone(swarm, other, now)) swarm.remove(other, now);
    }
  }
  rooms.notes[quiet] = quietUntil(swarm, slot);
}

function quietUntil({ table, policy }: Swarm, slot: number): number {
  let until = Number.POSITIVE_INFINITY;
  for (const other of table.rackOf(slot)?.representatives ?? []) until = Math.min(until, goneAt(table, other, policy));
  return until;
}
