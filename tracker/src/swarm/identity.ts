// Which peer an announce comes from: same peer id, same peer; same endpoint, same place in line.
import type { Announce } from "./announce.ts";
import { hostOf } from "./identifiers.ts";
import { NO_SLOT } from "./slot-index.ts";
import type { Swarm } from "./swarm.ts";

export type Identity =
  | { readonly kind: "new" }
  | { readonly kind: "known"; readonly slot: number }
  | { readonly kind: "refused"; readonly reason: string };

const TAKEN = "peer_id is in use by another host; restart the client so that it takes a new one";

/**
 * One client is one peer, whatever the address family. A known peer id from another host must bring the `key` it announced before; a
 * client that comes back on its endpoint with a new peer id takes over its place in line.
 */
export function recognise(swarm: Swarm, announce: Announce, now: number): Identity {
  const known = swarm.table.byId.find(announce.peerId);
  if (known !== NO_SLOT) return recogniseKnown(swarm, known, announce, now);
  const onEndpoint = swarm.at(announce.endpoint);
  if (onEndpoint === NO_SLOT) return { kind: "new" };
  takeOver(swarm, onEndpoint, announce, now);
  return { kind: "known", slot: onEndpoint };
}

function recogniseKnown(swarm: Swarm, slot: number, announce: Announce, now: number): Identity {
  const { table } = swarm;
  const { endpoint } = announce;
  if (table.isOnHost(slot, endpoint)) {
    table.setPort(slot, endpoint);
    if (announce.otherEndpoint !== undefined) table.setSecondEndpoint(slot, announce.otherEndpoint);
    return { kind: "known", slot };
  }
  const second = table.secondEndpointOf(slot);
  const isSecond = second !== undefined && hostOf(second) === hostOf(endpoint);
  if (!isSecond && !confirms(swarm, slot, announce)) return { kind: "refused", reason: TAKEN };
  if (isSecond || endpoint.length !== table.endpointOf(slot).length) {
    table.setSecondEndpoint(slot, endpoint);
    return { kind: "known", slot };
  }
  swarm.remove(slot, now);
  return { kind: "new" };
}

function confirms({ table }: Swarm, slot: number, { key }: Announce): boolean {
  return key !== "" && table.keys[slot] === hashKey(key);
}

/** The same client after a restart: a new id and fresh counters, the old place and the memory of its pairs. */
function takeOver({ table, told }: Swarm, slot: number, announce: Announce, now: number): void {
  told.renew(slot, now);
  table.byId.remove(slot);
  table.setId(slot, announce.peerId);
  table.byId.add(slot);
  table.keys[slot] = hashKey(announce.key);
  table.setTransferred(slot, 0, 0);
  table.setHabit(slot, 0);
  table.setRate(slot, 0);
}

/** 0 for a client without a key. */
export function hashKey(key: string): number {
  let hash = key === "" ? 0 : 0x811c9dc5;
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
