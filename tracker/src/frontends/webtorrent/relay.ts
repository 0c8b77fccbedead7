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
}

/** `deliver` gives false for a peer that is not connected here. Without a channel, such a peer is not reached. */
export function createRelay(
  deliver: (to: PeerId, handshake: Handshake) => boolean,
  channel: RelayChannel | undefined,
): Relay {
  channel?.onMessage((text) => {
    const message = parse(text);
    if (message !== undefined) deliver(message.to, message.handshake);
  });
  return {
    pass(to, handshake) {
      if (deliver(to, handshake)) return;
      const { kind, infoHash, peerId, offerId, sdp } = handshake;
      channel?.publish(JSON.stringify([to, kind, infoHash, peerId, offerId, sdp]));
    },
  };
}

/** Undefined for what no tracker of this version wrote. */
function parse(text: string): { readonly to: PeerId; readonly handshake: Handshake } | undefined {
  try {
    const parts: unknown = JSON.parse(text);
    if (!Array.isArray(parts) || parts.length !== 6 || !parts.every((part) => typeof part === "string"))
      return undefined;
    const [to, kind, infoHash, peerId, offerId, sdp] = parts as [PeerId, string, InfoHash, PeerId, string, string];
    return kind === "offer" || kind === "answer"
      ? { to, handshake: { kind, infoHash, peerId, offerId, sdp } }
      : undefined;
  } catch {
    return undefined;
  }
}
