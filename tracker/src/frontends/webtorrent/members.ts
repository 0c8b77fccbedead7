// Who of the connected clients is which peer of which swarm.
import { hostOf, type InfoHash, type PeerId } from "../../swarm/identifiers.ts";
import type { Connection } from "./connection.ts";

export interface Members {
  find(infoHash: InfoHash, peerId: PeerId): Connection | undefined;
  /**
   * A peer that another connection has is taken over from it when both come from the same address: its client connected again.
   * False when they do not.
   */
  join(connection: Connection, infoHash: InfoHash, peerId: PeerId): boolean;
  /** Nothing happens when the connection is not in the swarm (any more). */
  leave(connection: Connection, infoHash: InfoHash): void;
}

export function createMembers(): Members {
  const swarms = new Map<InfoHash, Map<PeerId, Connection>>();

  function leave(connection: Connection, infoHash: InfoHash): void {
    const peerId = connection.memberships.get(infoHash);
    if (peerId === undefined) return;
    connection.memberships.delete(infoHash);
    const swarm = swarms.get(infoHash);
    swarm?.delete(peerId);
    if (swarm?.size === 0) swarms.delete(infoHash);
  }

  return {
    find: (infoHash, peerId) => swarms.get(infoHash)?.get(peerId),
    join(connection, infoHash, peerId) {
      const before = swarms.get(infoHash)?.get(peerId);
      if (before === connection) return true;
      if (before !== undefined) {
        if (hostOf(before.endpoint) !== hostOf(connection.endpoint)) return false;
        leave(before, infoHash);
      }
      const swarm = swarms.get(infoHash) ?? new Map<PeerId, Connection>();
      swarms.set(infoHash, swarm.set(peerId, connection));
      connection.memberships.set(infoHash, peerId);
      return true;
    },
    leave,
  };
}
