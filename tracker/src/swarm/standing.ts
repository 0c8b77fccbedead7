// Who represents what: in every group the longest-standing candidates, up to its cap; derived, never elected.
import type { Circle, Group } from "./group.ts";
import type { PeerTable } from "./peer-table.ts";
import { ORIGIN } from "./peer-table.ts";
import { NOTES, QUIET_UNTIL } from "./rack-notes.ts";
import { NO_ROOM } from "./rooms.ts";
import { NO_SLOT } from "./slot-index.ts";
import type { SlotSet } from "./slot-set.ts";

/** A peer appears in its rack, as nobody's representative yet. */
export function enterRack(table: PeerTable, slot: number, rack: Group): void {
  table.setRack(slot, rack);
  table.setRepresents(slot, 0);
  joinCircle(table, slot, rack);
}

/** The peer must have left the line. Its rack stays noted, so that the caller still knows where the peer was. */
export function leaveRack(table: PeerTable, slot: number, rack: Group): void {
  leaveCircle(table, slot, rack);
}

/** The peer went from incomplete to complete or back: moves it in every circle it is in. `left` still has the old value. */
export function changeLeft(table: PeerTable, slot: number, left: number): void {
  if (table.isComplete(slot) === (left === 0)) {
    table.setLeft(slot, left);
    return;
  }
  const chain = table.rackOf(slot)?.chain ?? [];
  const circles = 1 + table.representsOf(slot);
  for (let level = 0; level < circles; level++) {
    const group = chain[level];
    if (group !== undefined) leaveCircle(table, slot, group);
  }
  table.setLeft(slot, left);
  for (let level = 0; level < circles; level++) {
    const group = chain[level];
    if (group !== undefined) joinCircle(table, slot, group);
  }
}

/** Two peers swap their places in line, also across groups. Both must stand in a line. */
export function exchangePlaces(table: PeerTable, one: number, other: number): void {
  const [oneRack, otherRack] = [table.rackOf(one), table.rackOf(other)];
  if (oneRack === undefined || otherRack === undefined) return;
  leaveLine(table, one, oneRack);
  leaveLine(table, other, otherRack);
  const place = table.place[one] ?? 0;
  table.place[one] = table.place[other] ?? 0;
  table.place[other] = place;
  table.listener.changed(one);
  table.listener.changed(other);
  joinLine(table, one, oneRack);
  joinLine(table, other, otherRack);
}

/** Who stands in line for a peer's host: its first client that is no origin; origins use no slot. `NO_SLOT` when there is none. */
export function leaderOfHost(table: PeerTable, slot: number): number {
  let client = table.firstBeside(slot);
  while (client !== NO_SLOT && table.has(client, ORIGIN)) client = table.companion.get(client) ?? NO_SLOT;
  return client;
}

export function joinLine(table: PeerTable, slot: number, group: Group): void {
  group.line.add(slot);
  settle(table, group);
}

export function leaveLine(table: PeerTable, slot: number, group: Group): void {
  group.line.remove(slot);
  settle(table, group);
}

/** Brings a group's representatives in agreement with its line, and carries the change to the wider group. */
function settle(table: PeerTable, group: Group): void {
  const parent = group.parent;
  if (parent === undefined) return;
  if (group.room !== NO_ROOM) table.rooms.notes[group.room * NOTES + QUIET_UNTIL] = 0;
  const before = group.representatives;
  const after = group.line.first(group.cap);
  group.representatives = after;
  for (const slot of before) if (!after.includes(slot)) resign(table, slot, parent);
  for (const slot of after) if (!before.includes(slot)) represent(table, slot, parent);
}

function represent(table: PeerTable, slot: number, parent: Group): void {
  table.setRepresents(slot, parent.level);
  table.listener.changed(slot);
  joinCircle(table, slot, parent);
  if (parent.parent !== undefined) joinLine(table, slot, parent);
}

function resign(table: PeerTable, slot: number, parent: Group): void {
  if (parent.parent !== undefined) leaveLine(table, slot, parent);
  leaveCircle(table, slot, parent);
  table.setRepresents(slot, parent.level - 1);
  table.listener.changed(slot);
}

function joinCircle(table: PeerTable, slot: number, group: Group): void {
  const held = group.complete.size > 0;
  if (group.circle === undefined) table.sit(slot);
  else circleSet(table, slot, group, group.circle).add(slot);
  if (group.complete.size > 0 !== held) standByOrPull(table, group);
}

function leaveCircle(table: PeerTable, slot: number, group: Group): void {
  const held = group.complete.size > 0;
  if (group.circle === undefined) table.rise(slot);
  else leaveSets(slot, group.circle);
  if (group.complete.size > 0 !== held) standByOrPull(table, group);
}

/** A group got its first complete copy, or lost its last: its incomplete representatives need not, or must, pull. */
function standByOrPull(table: PeerTable, { representatives, parent }: Group): void {
  if (parent?.circle === undefined) return;
  const { circle } = parent;
  for (const slot of representatives) {
    if (leaveSets(slot, circle)) circleSet(table, slot, parent, circle).add(slot);
  }
}

function leaveSets(slot: number, { complete, incomplete, standingBy }: Circle): boolean {
  return complete.remove(slot) || incomplete.remove(slot) || standingBy.remove(slot);
}

function circleSet(table: PeerTable, slot: number, group: Group, circle: Circle): SlotSet {
  if (table.isComplete(slot)) return circle.complete;
  const home = table.rackOf(slot)?.chain[group.level - 1];
  return home !== undefined && home.complete.size > 0 ? circle.standingBy : circle.incomplete;
}
