// Who has which peer id, within one tracker: the latest claim holds.
import type { LivePeer } from "../wire/live-message.ts";
import type { Claim } from "./directory.ts";

export interface Holder {
  readonly onLost: () => void;
}

export interface Claims<H extends Holder> {
  /** The claim before, if any, is lost. */
  take(peer: LivePeer, holder: H): Claim;
  find(peer: LivePeer): H | undefined;
  all(): Iterable<readonly [LivePeer, H]>;
}

export function createClaims<H extends Holder>(): Claims<H> {
  const holders = new Map<LivePeer, H>();
  return {
    take(peer, holder) {
      const before = holders.get(peer);
      holders.set(peer, holder);
      before?.onLost();
      return {
        release() {
          if (holders.get(peer) === holder) holders.delete(peer);
        },
      };
    },
    find: (peer) => holders.get(peer),
    all: () => holders,
  };
}
