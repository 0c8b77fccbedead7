// Answers what the HTTP parser gave up on, such as a request line that does not end.
import type { Socket } from "node:net";
import { printFailure } from "../../wire/announce-reply.ts";
import { queryTooLong } from "../../wire/query-parameters.ts";

/** How long the rest of a refused request is read and thrown away, so that its sender gets to read the answer. */
const LINGER_MS = 5000;

const STATUS: Readonly<Record<string, string>> = {
  // rtorrent and others look for a failure reason in the body only of a success.
  HPE_HEADER_OVERFLOW: "200 OK",
  ERR_HTTP_REQUEST_TIMEOUT: "408 Request Timeout",
};

export interface MalformedRequests {
  /** For `clientError` of a `node:http` server, which may come more than once for one socket. */
  answer(error: NodeJS.ErrnoException, socket: Socket): void;
}

export function createMalformedRequests(): MalformedRequests {
  const answered = new WeakSet<Socket>();
  return {
    answer(error, socket) {
      if (answered.has(socket)) return;
      answered.add(socket);
      if (error.code === "ECONNRESET" || !socket.writable) socket.destroy();
      else endWith(socket, rawResponse(error.code ?? ""));
    },
  };
}

/** Closing with unread bytes would reset the connection and could take the answer with it. */
function endWith(socket: Socket, response: Buffer): void {
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once("close", () => clearTimeout(timer));
  socket.end(response);
}

function rawResponse(code: string): Buffer {
  const body = printFailure(reasonOf(code));
  const head = [
    `HTTP/1.1 ${STATUS[code] ?? "400 Bad Request"}`,
    "Content-Type: text/plain",
    `Content-Length: ${body.length}`,
    "Connection: close",
  ];
  return Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`, "latin1"), body]);
}

function reasonOf(code: string): string {
  if (code === "HPE_HEADER_OVERFLOW") return queryTooLong(undefined).message;
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return "the request did not end in time; send it again";
  return "the request is no valid HTTP; percent-encode every byte of the query that is no letter or digit";
}
