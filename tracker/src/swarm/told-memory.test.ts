import { expect, it } from "vitest";
import { NOBODY_LISTENS } from "./change-listener.ts";
import type { CompactEndpoint } from "./identifiers.ts";
import { PeerTable } from "./peer-table.ts";
import { TOLD_MEMORY_MS, ToldMemory } from "./told-memory.ts";

function createMemory() {
  const table = new PeerTable(NOBODY_LISTENS);
  const told = new ToldMemory(table, NOBODY_LISTENS);
  function seat(serial: number, endpoint: string): number {
    const slot = table.allocate();
    table.setEndpoint(slot, endpoint as CompactEndpoint);
    table.setSerial(slot, serial);
    return slot;
  }
  return { told, seat };
}

it("remembers of two that left the same endpoint the later one alone", () => {
  const { told, seat } = createMemory();
  const [mate, first, second] = [seat(1, "mate-1"), seat(2, "host-1"), seat(3, "host-1")];
  for (const slot of [first, second]) told.remember(slot, mate, 0);
  for (const slot of [first, second]) told.depart(slot, 0);
  expect(told.returning("host-1" as CompactEndpoint, 1)).toBe(3);
  // Whoever is given a serial again has what is remembered of it.
  const [again, later] = [seat(2, "host-2"), seat(3, "host-3")];
  for (const slot of [again, later]) told.settle(slot);
  expect(told.of(again)).toBeUndefined();
  expect(told.of(later)?.serials).toEqual([1]);
});

it("forgets in order of departure, though an endpoint was left before", () => {
  const { told, seat } = createMemory();
  const mate = seat(1, "mate-1");
  const leave = (serial: number, endpoint: string, at: number) => {
    const slot = seat(serial, endpoint);
    told.remember(slot, mate, at);
    told.depart(slot, at);
  };
  leave(2, "host-1", 0);
  leave(3, "host-2", 1);
  leave(4, "host-1", TOLD_MEMORY_MS - 1);
  leave(5, "host-3", TOLD_MEMORY_MS + 1);
  const forgotten = seat(3, "host-2");
  told.settle(forgotten);
  expect(told.of(forgotten)).toBeUndefined();
});
