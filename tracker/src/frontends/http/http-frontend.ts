// BitTorrent's tracker protocol over HTTP (BEP 3, 7, 23, 24, 31, 48): on connections of its own, and behind node:http.
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { announceKeyIn } from "../../wire/announce-path.ts";
import { ByteWriter } from "../../wire/byte-writer.ts";
import { writeFailure } from "../../wire/announce-reply.ts";
import { cluesOf } from "./client-address.ts";
import { createHttpConnections } from "./http-connections.ts";
import { answerRefused, createClientErrorAnswer } from "./refusals.ts";
import { createTrackerAnswers, type TrackerAnswersOptions, type WriteBody } from "./tracker-answers.ts";

export type HttpFrontendOptions = TrackerAnswersOptions;

/** Stands before the REST API on one port. */
export interface HttpFrontend {
  /**
   * Reads the connections of `server` first: plain announces and scrapes are answered without `node:http`, and with the
   * first request that is something else the connection is the server's for good. The result takes sockets from elsewhere.
   */
  takeConnections(server: Server): (socket: Socket) => void;
  /**
   * Refuses a request without `Host`, whatever its URL, and says whether it did. A server that says `requireHostHeader: false` leaves it to
   * this; others answer in a way that clients cannot show, and count nothing.
   */
  refuses(request: IncomingMessage, response: ServerResponse): boolean;
  /** True for `/announce`, `/announce/<key>`, `/scrape` and `/scrape/<key>`, with or without a query. */
  handles(url: string): boolean;
  /** Answers a request whose URL it handles; always with bencode, and never throws. */
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** For the server's `clientError`: answers what is no HTTP, or too long. */
  onClientError(error: NodeJS.ErrnoException, socket: Socket): void;
  /** Answers what has been asked on the connections that it took, and then closes them. */
  stop(): void;
  /** Closes those connections at once. */
  closeAll(): void;
}

const ROUTES = ["/announce", "/scrape"] as const;

/** Throws `ADDRESS_INVALID` for a range that is none. */
export function createHttpFrontend(options: HttpFrontendOptions): HttpFrontend {
  const answers = createTrackerAnswers(options);
  const connections = createHttpConnections({ answers, faults: options.faults });

  function handle(request: IncomingMessage, response: ServerResponse): void {
    if (request.method !== "GET" && request.method !== "HEAD") {
      options.faults.count("http-bad-method");
      return refuseMethod(response);
    }
    const url = request.url ?? "";
    const at = url.indexOf("?");
    const query = at < 0 ? "" : url.slice(at + 1);
    const out = new ByteWriter();
    const answer = url.startsWith("/a") ? answers.announce : answers.scrape;
    const late = answer(query, { ...cluesOf(request), announceKey: announceKeyIn(url) }, out);
    if (late === undefined) send(response, out);
    else void late.then((writeBody) => sendBody(response, writeBody));
  }

  function refuses({ headers, httpVersionMinor }: IncomingMessage, response: ServerResponse): boolean {
    if (headers.host !== undefined || httpVersionMinor === 0) return false;
    options.faults.count("http-bad-host");
    answerRefused(response, "http-bad-host");
    return true;
  }

  return {
    takeConnections: connections.take,
    refuses,
    handles,
    handle,
    onClientError: createClientErrorAnswer(options.faults),
    stop: connections.stop,
    closeAll: connections.closeAll,
  };
}

function handles(url: string): boolean {
  return ROUTES.some((route) => url.startsWith(route) && endsSegment(url, route.length));
}

function endsSegment(url: string, at: number): boolean {
  return at === url.length || url[at] === "?" || url[at] === "/";
}

function refuseMethod(response: ServerResponse): void {
  response.setHeader("Allow", "GET, HEAD");
  sendBody(response, (out) => writeFailure(out, "announces and scrapes are GET requests; send GET"), 405);
}

function sendBody(response: ServerResponse, writeBody: WriteBody, status?: number): void {
  const out = new ByteWriter();
  writeBody(out);
  send(response, out, status);
}

/** 200 for failures, too: clients look for a failure reason in the body only of a success. */
function send(response: ServerResponse, out: ByteWriter, status = 200): void {
  response.writeHead(status, { "Content-Type": "text/plain", "Content-Length": out.length });
  response.end(out.view());
}
