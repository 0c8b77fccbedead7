// The live channel's directory of one tracker by itself: all is told at once.
import type { LiveEvent, LiveHash, LivePeer } from "../wire/live-message.ts";
import { createClaims } from "./claims.ts";
import type { LiveDirectory } from "./directory.ts";
import { createRoom, type Room } from "./room.ts";

export function createMemoryDirectory(): LiveDirectory {
  const rooms = new Map<LiveHash, Room>();
  const claims = createClaims();

  function enter(infoHash: LiveHash): Room {
    const room = rooms.get(infoHash) ?? createRoom(infoHash);
    rooms.set(infoHash, room);
    return room;
  }

  function leave(room: Room): void {
    const isCurrent = rooms.get(room.infoHash) === room;
    if (isCurrent && room.announcerCount + room.followerCount === 0) rooms.delete(room.infoHash);
  }

  function change(action: LiveEvent["action"], peer: LivePeer, infoHashes: readonly LiveHash[]): undefined {
    for (const infoHash of infoHashes) {
      const room = enter(infoHash);
      room.change(action, peer);
      leave(room);
    }
  }

  return {
    claim: (peer, onLost) => claims.take(peer, { onLost }),
    announce: (peer, infoHashes) => change("announce", peer, infoHashes),
    unannounce: (peer, infoHashes) => change("unannounce", peer, infoHashes),
    follow(infoHash, follower) {
      const room = enter(infoHash);
      const following = room.follow(follower);
      return {
        replay: following.replay,
        end() {
          following.end();
          leave(room);
        },
      };
    },
    counts: () => ({ rooms: rooms.size }),
    close: async () => {},
  };
}
