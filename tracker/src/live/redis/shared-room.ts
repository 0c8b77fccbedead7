// This tracker's copy of who has announced one info-hash: read once, then followed event by event, and read again after a gap.
import type { LiveHash, LivePeer } from "../../wire/live-message.ts";
import { createRoom, type Room } from "../room.ts";
import { LATEST } from "./keys.ts";

/** What was published of one change: peers by `+` and `-`, and the numbers of the events before and of the last one. */
interface Change {
  readonly before: number;
  readonly after: number;
  readonly peers: readonly string[];
}

export interface SharedRoom {
  readonly room: Room;
  /** Takes what was published. False when something is missing: it is to be read again. */
  hear(message: string): boolean;
  /** What is published from now on is kept until the next `fill`. */
  expectReading(): void;
  /** Takes all of it as it was read since. False when it is to be read once more. */
  fill(announcers: Readonly<Record<string, string>>): boolean;
  /** The number of the latest event it knows of. */
  readonly position: number;
  readonly isBeingRead: boolean;
}

/** More than this was heard while it was read: it is read once more instead. */
const MOST_KEPT = 10_000;

export function createSharedRoom(infoHash: LiveHash): SharedRoom {
  const room = createRoom(infoHash, false);
  let position = 0;
  let isBeingRead = true;
  let heard: Change[] = [];

  function hear(message: string): boolean {
    const change = parseChange(message);
    if (!isBeingRead) return apply(change);
    if (heard.length < MOST_KEPT) heard.push(change);
    return true;
  }

  /** The snapshot may hold some of what was heard. */
  function apply({ before, after, peers }: Change): boolean {
    if (after <= position) return true;
    if (before !== position) return false;
    for (const peer of peers) room.change(peer.startsWith("+") ? "announce" : "unannounce", peer.slice(1) as LivePeer);
    position = after;
    return true;
  }

  function fill(announcers: Readonly<Record<string, string>>): boolean {
    for (const peer of room.announcers()) {
      if (!Object.hasOwn(announcers, peer)) room.change("unannounce", peer);
    }
    for (const peer of Object.keys(announcers)) if (peer !== LATEST) room.change("announce", peer as LivePeer);
    position = Number(announcers[LATEST] ?? 0);
    const changes = heard;
    heard = [];
    isBeingRead = false;
    if (!room.isKnown) room.becomeKnown();
    return changes.every(apply);
  }

  return {
    room,
    hear,
    expectReading: () => void (isBeingRead = true),
    fill,
    get position() {
      return position;
    },
    get isBeingRead() {
      return isBeingRead;
    },
  };
}

function parseChange(message: string): Change {
  const [before, after, ...peers] = message.split(" ");
  return { before: Number(before), after: Number(after), peers };
}
