// A tracker's copy of a swarm that lives in Redis, brought up to date by what others changed.
import type { ChangeListener } from "../../swarm/change-listener.ts";
import type { HostAddress } from "../../swarm/identifiers.ts";
import { noteLife } from "../../swarm/life.ts";
import { ORIGIN } from "../../swarm/peer-table.ts";
import type { SwarmPolicy } from "../../swarm/policy.ts";
import { NO_SLOT } from "../../swarm/slot-index.ts";
import { Swarm } from "../../swarm/swarm.ts";
import type { AddressCodec } from "../../swarm/inspection.ts";
import type { PeerFields } from "./peer-fields.ts";
import { captureFields, fillColumns } from "./peer-fields.ts";
import type { Departure, SwarmChanges } from "./swarm-changes.ts";

export class Replica {
  readonly swarm: Swarm;
  readonly #codec: AddressCodec;
  /** Where each serial was last; see `#find`. */
  readonly #slots = new Map<number, number>();

  constructor(policy: SwarmPolicy, listener: ChangeListener, codec: AddressCodec) {
    this.swarm = new Swarm(policy, {
      changed: (slot) => {
        const { table } = this.swarm;
        if (table.isLive(slot)) this.#slots.set(table.serialOf(slot), slot);
        listener.changed(slot);
      },
      departing: (slot, now) => listener.departing(slot, now),
      told: (one, other, at) => listener.told(one, other, at),
    });
    this.#codec = codec;
  }

  /**
   * Applies what others changed. Hosts with a peer whose place, group or identity changed are taken out first and come back together, because
   * half of an exchange of places is no state that ever was. False when the outcome is not what the others derived: then the
   * replica is no use any more.
   */
  apply(changes: SwarmChanges): boolean {
    const { swarm } = this;
    const changed = new Map(changes.peers.map((peer) => [peer.numbers.serial, peer]));
    for (const departure of changes.departures) this.#depart(departure, changed);
    const returning = changes.peers.flatMap((peer) => this.#takeOut(peer));
    for (const peer of returning) this.#admit(changed.get(peer.numbers.serial) ?? peer);
    const isNew = ({ numbers }: PeerFields) => this.#find(numbers.serial) === NO_SLOT;
    for (const peer of changes.peers.filter(isNew).toSorted(byStanding)) this.#admit(peer);
    for (const [one, other, at] of changes.tellings) this.#recall(one, other, at);
    const { arrivals, completions, fastestPull, resumed } = changes.scalars;
    Object.assign(swarm, { arrivals, completions, fastestPull, resumedAt: resumed });
    return changes.peers.every((peer) => this.#agrees(peer));
  }

  /** A name that departed while its serial goes on under another one was only renamed. */
  #depart({ endpoint, serial, at }: Departure, changed: ReadonlyMap<number, PeerFields>): void {
    const { swarm } = this;
    const slot = swarm.at(endpoint);
    if (slot === NO_SLOT) {
      if (serial !== undefined) swarm.told.recallDeparture(serial, endpoint, at);
    } else if (!changed.has(swarm.table.serialOf(slot))) swarm.remove(slot, at);
  }

  /** Brings a peer's columns up to date; or takes out its host and answers with the host's clients, first come first. */
  #takeOut(peer: PeerFields): PeerFields[] {
    const { swarm } = this;
    const slot = this.#find(peer.numbers.serial);
    if (slot === NO_SLOT) {
      const stranger = swarm.at(peer.endpoint);
      if (stranger !== NO_SLOT) swarm.remove(stranger, peer.numbers.seen);
      return [];
    }
    if (!isInPlace(swarm, slot, peer)) return this.#takeOutHost(swarm.table.hostOf(slot));
    if (swarm.table.leftOf(slot) !== peer.numbers.left) swarm.setLeft(slot, peer.numbers.left);
    fillColumns(swarm.table, slot, peer);
    noteLife(swarm.table, slot, swarm.policy);
    swarm.table.listener.changed(slot);
    return [];
  }

  /** The last client first, so that none takes over another's place meanwhile. */
  #takeOutHost(host: HostAddress): PeerFields[] {
    const { swarm } = this;
    const clients = [...swarm.onHost(host)];
    const captured = clients.map((slot) => captureFields(swarm, slot, this.#codec));
    for (const slot of clients.toReversed()) swarm.extract(slot);
    return captured;
  }

  #admit(peer: PeerFields): void {
    const { swarm } = this;
    swarm.told.returning(peer.endpoint, peer.numbers.seen);
    const rack = swarm.rackOf(peer.path);
    const slot = swarm.table.allocate();
    fillColumns(swarm.table, slot, peer);
    swarm.admit(slot, rack);
    this.#settle(peer.numbers.serial);
  }

  #recall(one: number, other: number, at: number): void {
    this.swarm.told.recall(one, other, at);
    this.#settle(one);
    this.#settle(other);
  }

  #settle(serial: number): void {
    const slot = this.#find(serial);
    if (slot !== NO_SLOT) this.swarm.told.settle(slot);
  }

  /** The live slot of a serial. */
  #find(serial: number): number {
    const { table } = this.swarm;
    const slot = this.#slots.get(serial);
    if (slot === undefined) return NO_SLOT;
    if (table.isLive(slot) && table.serialOf(slot) === serial) return slot;
    this.#slots.delete(serial);
    return NO_SLOT;
  }

  #agrees({ numbers, represents }: PeerFields): boolean {
    const slot = this.#find(numbers.serial);
    return slot !== NO_SLOT && this.swarm.table.representsOf(slot) === represents;
  }
}

function isInPlace(swarm: Swarm, slot: number, peer: PeerFields): boolean {
  const { table } = swarm;
  return (
    table.place[slot] === peer.numbers.place &&
    table.has(slot, ORIGIN) === ((peer.flags & ORIGIN) !== 0) &&
    table.endpointOf(slot) === peer.endpoint &&
    table.idOf(slot) === peer.peerId &&
    swarm.table.rackOf(slot) === swarm.rackOf(peer.path)
  );
}

/** Of the clients on one host the one that stands for it comes first. */
function byStanding(one: PeerFields, other: PeerFields): number {
  return Number(other.represents > 0) - Number(one.represents > 0) || one.numbers.place - other.numbers.place;
}
