// A WebSocket as a connection of the live channel sees it; what is sent within one turn goes out together.
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import type { LiveSocket } from "./live-connection.ts";

/** How long a client may take to answer the closing of its connection. */
const CLOSE_WITHIN_MS = 2_000;

export function createLiveSocket(socket: WebSocket, stream: Duplex): LiveSocket {
  let isCorked = false;

  function uncork(): void {
    isCorked = false;
    stream.uncork();
  }

  return {
    send(text) {
      if (socket.readyState !== socket.OPEN) return;
      if (!isCorked) {
        isCorked = true;
        stream.cork();
        process.nextTick(uncork);
      }
      socket.send(text);
    },
    get waitingBytes() {
      return socket.bufferedAmount;
    },
    close(code, reason) {
      socket.close(code, reason);
      setTimeout(() => socket.terminate(), CLOSE_WITHIN_MS).unref();
    },
    terminate: () => socket.terminate(),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
  };
}
