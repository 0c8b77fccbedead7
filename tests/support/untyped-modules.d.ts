// The parts that the tests use of packages that ship no types.

declare module "bittorrent-tracker/client" {
  import type { EventEmitter } from "node:events";

  interface Options {
    /** Hex. */
    readonly infoHash: string;
    /** Hex. */
    readonly peerId: string;
    readonly port: number;
    readonly announce: string;
    /** Constructors of WebRTC. */
    readonly wrtc?: object;
  }

  interface AnnounceOptions {
    readonly left: number;
    readonly numwant?: number;
    readonly event?: "paused";
  }

  interface Counts {
    readonly complete: number;
    readonly incomplete: number;
    readonly downloaded: number;
  }

  export default class Client extends EventEmitter<{
    update: [Omit<Counts, "downloaded">];
    /** `address:port`. */
    peer: [string];
    scrape: [Counts];
    /** Of what the tracker refuses, too. */
    warning: [Error];
    error: [Error];
  }> {
    constructor(options: Options);
    start(options: AnnounceOptions): void;
    complete(options: AnnounceOptions): void;
    stop(options: AnnounceOptions): void;
    update(options: AnnounceOptions): void;
    /** What the four above do in the end, with any event. */
    _announce(options: AnnounceOptions & { readonly uploaded: number; readonly downloaded: number }): void;
    scrape(): void;
    destroy(callback: () => void): void;
  }
}

declare module "create-torrent" {
  import type { Readable } from "node:stream";

  interface Options {
    readonly name: string;
    readonly pieceLength: number;
    readonly announceList: readonly (readonly string[])[];
    readonly filterJunkFiles: boolean;
  }

  /** A path, or one stream of bytes. */
  export default function createTorrent(
    input: string | (Readable & { readonly name: string }),
    options: Options,
    callback: (error: Error | null, torrent: Uint8Array) => void,
  ): void;
}
