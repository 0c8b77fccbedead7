// Brings offers and answers to the client they are for: to its connection here, or to the trackers that share the swarms.
import type { InfoHash, PeerId } from "../../swarm/identifiers.ts";
import type { Handshake } from "../../wire/webtorrent-reply.ts";

/** What trackers that share their swarms tell each other; whoever tells does not hear it. */
export interface RelayChannel {
  /** Lost when nobody can be reached: clients make new offers at every announce. */
  publish(text: string): void;
  /** To be called once. */
  onMessage(receive: (text: string) => void): void;
}

export interface Relay {
  pass(to: PeerId, handshake: Handshake): void;
  /** Says that the peer is connected here now; a connection that another tracker still has of it is nobody's from then on. */
  claim(infoHash: InfoHash, peerId: PeerId): void;
}

export interface RelayEnds {
  /** Gives false for a peer that is not connected here. */
  deliver(to: PeerId, handshake: Handshake): boolean;
  /** The peer is connected elsewhere. */
  release(infoHash: InfoHash, peerId: PeerId): void;
}

type Message =
  | { readonly kind: "handshake"; readonly to: PeerId; readonly handshake: Handshake }
  | { readonly kind: "claim"; readonly infoHash: InfoHash; readonly peerId: PeerId };

/** Without a channel, a peer that is not connected here is not reached. */
export function createRelay(ends: RelayEnds, channel: RelayChannel | undefined): Relay {
  channel?.onMessage((text) => {
    const message = parse(text);
    if (message?.kind === "handshake") ends.deliver(message.to, message.handshake);
    if (message?.kind === "claim") ends.release(message.infoHash, message.peerId);
  });
  return {
    pass(to, handshake) {
      if (ends.deliver(to, handshake)) return;
      const { kind, infoHash, peerId, offerId, sdp } = handshake;
      channel?.publish(JSON.stringify([kind, infoHash, peerId, to, offerId, sdp]));
    },
    claim: (infoHash, peerId) => channel?.publish(JSON.stringify(["claim", infoHash, peerId])),
  };
}

/** Undefined for what no tracker of this version wrote. */
function parse(text: string): Message | undefined {
  const [kind, infoHash, peerId, to, offerId, sdp] = parseTexts(text);
  if (infoHash === undefined || peerId === undefined) return undefined;
  const peer = { infoHash: infoHash as InfoHash, peerId: peerId as PeerId };
  if (kind === "claim") return { kind, ...peer };
  if (to === undefined || offerId === undefined || sdp === undefined) return undefined;
  if (kind !== "offer" && kind !== "answer") return undefined;
  return { kind: "handshake", to: to as PeerId, handshake: { kind, ...peer, offerId, sdp } };
}

function parseTexts(json: string): readonly string[] {
  try {
    const parts: unknown = JSON.parse(json);
    return Array.isArray(parts) && parts.every((part) => typeof part === "string") ? parts : [];
  } catch {
    return [];
  }
}
