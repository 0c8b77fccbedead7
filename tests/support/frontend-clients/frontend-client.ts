// What every protocol of the tracker lets a client do, so that one story can be told through each of them.

/** A client in one swarm. */
export interface StoryPeer {
  /** 20 ASCII characters. */
  readonly peerId: string;
  /** 32 bits, as BEP 15 has it. */
  readonly key: number;
  /** The address of this machine that it calls from; text form. */
  readonly host: string;
  readonly port: number;
}

export interface StoryAnnounce {
  /** Lowercase hex. */
  readonly infoHash: string;
  readonly peer: StoryPeer;
  readonly left: number;
  readonly event: "none" | "started" | "completed" | "stopped" | "paused";
  readonly numwant?: number;
}

export type StoryReply =
  | {
      readonly kind: "peers";
      /** Names of the peers that the client was brought together with, as `nameOf` says them; sorted. */
      readonly peers: readonly string[];
      readonly complete: number;
      readonly incomplete: number;
      /** Undefined where the client keeps it to itself. */
      readonly intervalSeconds: number | undefined;
    }
  | { readonly kind: "failure"; readonly reason: string };

export interface StoryCounts {
  readonly complete: number;
  readonly incomplete: number;
  readonly completions: number;
}

/** Speaks one protocol to one tracker, for any number of peers. */
export interface FrontendClient {
  /** How this protocol tells a peer to others: by its address, or by its id. */
  nameOf(peer: StoryPeer): string;
  announce(announce: StoryAnnounce): Promise<StoryReply>;
  /** Undefined, or nothing but zeros, for a torrent that is not served: as the protocol has it. */
  scrape(infoHash: string): Promise<StoryCounts | undefined>;
  close(): Promise<void>;
}

/** `127.0.0.1:6881` or `[::1]:6881`. */
export function endpointText(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The endpoints of a compact list (BEP 7, 23), in text form. */
export function compactEndpoints(bytes: Uint8Array, addressBytes: 4 | 16): string[] {
  const view = Buffer.from(bytes);
  const step = addressBytes + 2;
  if (view.length % step !== 0) throw new Error(`${view.length} bytes are no list of ${step}-byte endpoints`);
  return Array.from({ length: view.length / step }, (_, index) => {
    const at = index * step;
    return endpointText(addressText(view.subarray(at, at + addressBytes)), view.readUInt16BE(at + addressBytes));
  });
}

function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join(".");
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16)).join(":");
  // The platform's own printer of IPv6, so that the tracker's is not judged by itself.
  return new URL(`http://[${groups}]`).hostname.slice(1, -1);
}
