// A client of the live channel, with Node's own WebSocket: what it sent, what it was told, how it was closed.
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";

export interface LiveTold {
  readonly action: string;
  readonly peer: string;
  readonly info_hash: string;
}

export interface LiveAnswer {
  readonly messageID: string | null;
  readonly action?: string;
  readonly status: string;
  readonly reason?: string;
}

export interface LiveClient {
  readonly peer: string;
  /** Events only, in order. */
  readonly told: readonly LiveTold[];
  /** Resolves with the acknowledgement or refusal. */
  request(action: string, infoHashes: readonly string[]): Promise<LiveAnswer>;
  /** Sends as it is; the next answer without a message id is `refusal`'s. */
  send(frame: string | Uint8Array<ArrayBuffer>): void;
  refusal(): Promise<LiveAnswer>;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  isOpen(): boolean;
  close(): Promise<void>;
}

/** 64 lowercase letters or digits. */
export function randomProof(): string {
  return randomBytes(32).toString("hex");
}

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Rejects when the first answer is not the peer's id. */
export async function connectLive(port: number, proof = randomProof()): Promise<LiveClient> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/live`);
  const told: LiveTold[] = [];
  const answers = new Map<string | null, (answer: LiveAnswer) => void>();
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.addEventListener("close", ({ code, reason }) => resolve({ code, reason }));
  });
  let hello: string | undefined;
  let count = 0;
  socket.addEventListener("open", () => socket.send(proof));
  socket.addEventListener("error", () => undefined);
  const greeted = new Promise<void>((resolve, reject) => {
    void closed.then(({ code, reason }) => reject(new Error(`closed with ${code} ${reason}`)));
    socket.addEventListener("message", ({ data }) => {
      if (hello === undefined) {
        hello = String(data);
        if (hello === sha256(proof)) resolve();
        else reject(new Error(`answered ${hello}`));
        return;
      }
      const message = JSON.parse(String(data)) as LiveTold | LiveAnswer;
      if (!("messageID" in message)) return void told.push(message);
      answers.get(message.messageID)?.(message);
      answers.delete(message.messageID);
    });
  });
  await greeted;

  return {
    peer: hello ?? "",
    told,
    request(action, infoHashes) {
      const messageID = sha256(`${count++}`);
      socket.send(JSON.stringify({ messageID, action, infoHashes }));
      return new Promise((resolve) => answers.set(messageID, resolve));
    },
    send: (frame) => socket.send(frame),
    refusal: () => new Promise((resolve) => answers.set(null, resolve)),
    closed,
    isOpen: () => socket.readyState === WebSocket.OPEN,
    async close() {
      if (socket.readyState === WebSocket.CLOSED) return;
      const end = once(socket, "close");
      socket.close();
      await end;
    },
  };
}

/** Who is there, by what somebody was told. Throws where it was told of the same twice. */
export function presentBy(told: readonly LiveTold[], infoHash: string): string[] {
  const present = new Set<string>();
  for (const { action, peer, info_hash } of told) {
    if (info_hash !== infoHash) continue;
    if (present.has(peer) === (action === "announce")) throw new Error(`${action} of ${peer} makes no sense`);
    if (action === "announce") present.add(peer);
    else present.delete(peer);
  }
  return [...present].sort();
}
