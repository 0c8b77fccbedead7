// The answers to what is no proper HTTP, whoever found out: status, a reason that clients show, and the end of the connection.
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { writeFailure } from "../../wire/announce-reply.ts";
import { ByteWriter } from "../../wire/byte-writer.ts";
import type { HeadFault } from "../../wire/http-request.ts";
import { queryTooLong } from "../../wire/query-parameters.ts";
import type { FaultCounts } from "../fault-counts.ts";

/** How long the rest of a refused request is read and thrown away, so that its sender gets to read the answer. */
export const LINGER_SECONDS = 5;

/** `http-too-slow`: the head did not end in time. `http-unreadable`: what `node:http` could not read. */
export type RefusalKind = HeadFault | "http-too-slow" | "http-unreadable";

const UNREADABLE = "the request is no valid HTTP; percent-encode every byte of the query that is no letter or digit";
const HEAD_TOO_LARGE = ["431 Request Header Fields Too Large", "the request has too many headers; send fewer"] as const;
const BAD_REQUEST = "400 Bad Request";

const REFUSALS: Readonly<Record<RefusalKind, readonly [status: string, reason: string]>> = {
  // rtorrent and others look for a failure reason in the body only of a success.
  "http-line-too-long": ["200 OK", queryTooLong(undefined).message],
  "http-head-too-long": HEAD_TOO_LARGE,
  "http-too-many-headers": HEAD_TOO_LARGE,
  "http-too-slow": ["408 Request Timeout", "the request did not end in time; send it again"],
  "http-bad-request-line": [BAD_REQUEST, UNREADABLE],
  "http-bad-header": [BAD_REQUEST, "a header of the request is no valid HTTP; send each as Name: value"],
  "http-bad-framing": [BAD_REQUEST, "the request says its length in more than one way; send a GET without a body"],
  "http-bad-host": [BAD_REQUEST, "the request needs one Host header; send exactly one"],
  "http-unreadable": [BAD_REQUEST, UNREADABLE],
};

export function refusal(kind: RefusalKind): Buffer {
  const [status, reason] = REFUSALS[kind];
  const out = new ByteWriter();
  writeFailure(out, reason);
  const head = [`HTTP/1.1 ${status}`, "Content-Type: text/plain", `Content-Length: ${out.length}`, "Connection: close"];
  return Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`, "latin1"), out.view()]);
}

/** The same for a request that \`node:http\` has read all the same. */
export function answerRefused(response: ServerResponse, kind: RefusalKind): void {
  const [status, reason] = REFUSALS[kind];
  const out = new ByteWriter();
  writeFailure(out, reason);
  const headers = { "Content-Type": "text/plain", "Content-Length": out.length, Connection: "close" };
  response.writeHead(Number.parseInt(status, 10), headers).end(out.view());
}

const KINDS: Readonly<Record<string, RefusalKind>> = {
  HPE_HEADER_OVERFLOW: "http-line-too-long",
  ERR_HTTP_REQUEST_TIMEOUT: "http-too-slow",
};

/** For `clientError` of a `node:http` server, which may come more than once for one socket. */
export function createClientErrorAnswer(faults: FaultCounts): (error: NodeJS.ErrnoException, socket: Socket) => void {
  const answered = new WeakSet<Socket>();
  return (error, socket) => {
    if (answered.has(socket)) return;
    answered.add(socket);
    if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy();
    const kind = KINDS[error.code ?? ""] ?? "http-unreadable";
    faults.count(kind);
    endWith(socket, refusal(kind));
  };
}

/** Closing with unread bytes would reset the connection and could take the answer with it. */
function endWith(socket: Socket, response: Buffer): void {
  const timer = setTimeout(() => socket.destroy(), LINGER_SECONDS * 1000);
  socket.once("close", () => clearTimeout(timer));
  socket.end(response);
}
