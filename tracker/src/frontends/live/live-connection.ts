// One connection of the live channel: its proof, its requests one by one, and what it is told. Knows no sockets.
import type { Claim, LiveDirectory } from "../../live/directory.ts";
import {
  type LiveAction,
  type LiveFaultKind,
  type LiveHash,
  type LivePeer,
  type LiveRequest,
  parseLiveRequest,
  peerOfProof,
  printLiveDone,
  printLiveRefusal,
} from "../../wire/live-message.ts";
import { createFollowings } from "./followings.ts";
import { CLOSE, type LiveLimits, MAX_FAULTS, MAX_OPEN_REQUESTS } from "./live-limits.ts";
import { createRequestPace } from "./request-pace.ts";

/** Reports its end later, never while one of these runs. */
export interface LiveSocket {
  send(text: string): void;
  /** Bytes that the other side has not taken yet. */
  readonly waitingBytes: number;
  close(code: number, reason: string): void;
  /** Ends it without a word. */
  terminate(): void;
  /** Frames may come nonetheless, a few. */
  pause(): void;
  resume(): void;
}

export type LiveMishap = LiveFaultKind | "proof" | "binary-frame" | "too-many-faults" | "slow-reader" | "paced";

export interface LiveConnectionParts {
  readonly directory: LiveDirectory;
  readonly limits: Pick<LiveLimits, "hashesPerConnection">;
  /** Milliseconds on a clock that never jumps. */
  readonly elapsed: () => number;
  readonly count: (mishap: LiveMishap) => void;
}

export interface LiveConnection {
  readonly hasProved: boolean;
  /** `undefined` is a binary frame. */
  receive(frame: string | undefined): void;
  /** There is room in the socket again. */
  drained(): void;
  /** The socket has ended, or is to: unannounces all. */
  end(): void;
}

export function createLiveConnection(socket: LiveSocket, parts: LiveConnectionParts): LiveConnection {
  const { directory, limits, elapsed, count } = parts;
  const inbox: (string | undefined)[] = [];
  const announced = new Set<LiveHash>();
  const followings = createFollowings(socket, directory, () => count("slow-reader"));
  const pace = createRequestPace();
  let self: { readonly peer: LivePeer; readonly claim: Claim } | undefined;
  let state: "reading" | "paced" | "ended" = "reading";
  let isWorking = false;
  let isPaused = false;
  let openRequests = 0;
  let faults = 0;
  let pacing: NodeJS.Timeout | undefined;

  function receive(frame: string | undefined): void {
    if (isEnded()) return;
    inbox.push(frame);
    work();
  }

  function mayTake(): boolean {
    return state === "reading" && openRequests < MAX_OPEN_REQUESTS;
  }

  function work(): void {
    if (isWorking) return;
    isWorking = true;
    while (inbox.length > 0 && mayTake()) {
      const frame = inbox.shift();
      if (self === undefined) prove(frame);
      else take(self.peer, frame);
    }
    isWorking = false;
    if (isEnded() || mayTake() === !isPaused) return;
    isPaused = !isPaused;
    if (isPaused) socket.pause();
    else socket.resume();
  }

  function isEnded(): boolean {
    return state === "ended";
  }

  function prove(frame: string | undefined): void {
    const peer = frame === undefined ? undefined : peerOfProof(frame);
    if (peer === undefined) {
      count("proof");
      return close(CLOSE.badProof, "the first frame must be 64 lowercase letters or digits");
    }
    const onLost = () => close(CLOSE.replaced, "another connection brought the same proof");
    self = { peer, claim: directory.claim(peer, onLost) };
    socket.send(peer);
  }

  function take(peer: LivePeer, frame: string | undefined): void {
    const request = frame === undefined ? undefined : parseLiveRequest(frame);
    if (request?.kind === "request") answer(peer, request);
    else refuse(request?.fault ?? "binary-frame", request?.messageId, request?.reason ?? "send text frames");
    const restMs = pace.spend(request?.kind === "request" ? request.infoHashes.length : 0, elapsed());
    if (restMs > 0 && state === "reading") rest(restMs);
  }

  /** Whoever sends too much is read more slowly. */
  function rest(restMs: number): void {
    count("paced");
    state = "paced";
    pacing = setTimeout(() => {
      state = "reading";
      work();
    }, restMs);
  }

  function refuse(fault: LiveMishap, messageId: string | undefined, reason: string): void {
    count(fault);
    faults++;
    if (faults <= MAX_FAULTS) return socket.send(printLiveRefusal(messageId, reason));
    count("too-many-faults");
    close(CLOSE.tooManyFaults, "too many frames that are no requests");
  }

  function answer(peer: LivePeer, { messageId, action, infoHashes }: LiveRequest): void {
    const excess = excessOf(action, infoHashes);
    if (excess !== undefined) return refuse("too-many-hashes", messageId, excess);
    openRequests++;
    const acknowledge = () => {
      openRequests--;
      if (isEnded()) return;
      socket.send(printLiveDone(messageId, action));
      work();
    };
    if (action === "subscribe") return followings.begin(infoHashes, acknowledge);
    const doing = action === "unsubscribe" ? followings.end(infoHashes) : change(action, peer, infoHashes);
    if (doing === undefined) acknowledge();
    else void doing.then(acknowledge);
  }

  function excessOf(action: LiveAction, infoHashes: readonly LiveHash[]): string | undefined {
    if (action !== "announce" && action !== "subscribe") return undefined;
    const { hashesPerConnection: most } = limits;
    const held = action === "announce" ? announced : followings;
    const isTooMany = held.size + infoHashes.length > most && held.size + newIn(held, infoHashes) > most;
    return isTooMany ? `a connection may ${action} at most ${most} info-hashes; end some first` : undefined;
  }

  function change(action: "announce" | "unannounce", peer: LivePeer, infoHashes: readonly LiveHash[]) {
    for (const infoHash of infoHashes) {
      if (action === "announce") announced.add(infoHash);
      else announced.delete(infoHash);
    }
    return directory[action](peer, infoHashes);
  }

  function close(code: number, reason: string): void {
    end();
    socket.close(code, reason);
  }

  function end(): void {
    if (isEnded()) return;
    state = "ended";
    clearTimeout(pacing);
    inbox.length = 0;
    followings.endAll();
    if (self === undefined) return;
    if (announced.size > 0) void directory.unannounce(self.peer, [...announced]);
    self.claim.release();
  }

  return {
    get hasProved() {
      return self !== undefined;
    },
    receive,
    drained: () => followings.goOn(),
    end,
  };
}

function newIn(held: { has(infoHash: LiveHash): boolean }, infoHashes: readonly LiveHash[]): number {
  return new Set(infoHashes.filter((infoHash) => !held.has(infoHash))).size;
}
