// BitTorrent's tracker protocol over HTTP (BEP 3, 7, 23, 24, 31, 48): parse, call the service, print.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { type AnnounceService, type ServiceReply, UnavailableError } from "../../service/announce-service.ts";
import { compactEndpoint, type HostAddress } from "../../swarm/identifiers.ts";
import { createAddressRanges } from "../../wire/address-ranges.ts";
import { type AnnounceQuery, parseAnnounceQuery } from "../../wire/announce-query.ts";
import { printAnnounceReply, printFailure } from "../../wire/announce-reply.ts";
import { WireError } from "../../wire/errors.ts";
import { parseScrapeQuery } from "../../wire/scrape-query.ts";
import { printScrapeReply } from "../../wire/scrape-reply.ts";
import { createClientAddress, type ProxySettings } from "./client-address.ts";
import { createMalformedRequests } from "./malformed-request.ts";

export interface HttpFrontendOptions extends ProxySettings {
  readonly service: AnnounceService;
  /** CIDR ranges of the hosts that may announce and scrape; empty lets everybody (`ALLOW_CIDRS`). */
  readonly allowCidrs: readonly string[];
  readonly log: { error(details: object, message: string): void };
}

/** Stands before the REST API on one `node:http` server. */
export interface HttpFrontend {
  /** True for `/announce`, `/announce/<key>`, `/scrape` and `/scrape/<key>`, with or without a query. */
  handles(url: string): boolean;
  /** Answers a request whose URL it handles; always with bencode, and never throws. */
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** For the server's `clientError`: answers what is no HTTP, or too long. */
  onClientError(error: NodeJS.ErrnoException, socket: Socket): void;
}

type Answer = Buffer | Promise<Buffer>;

const ROUTES = ["/announce", "/scrape"] as const;
/** BEP 31 counts in minutes. */
const RETRY_IN_MINUTES = 1;
const SCRAPE_INTERVAL_SECONDS = 30;
const INTERNAL_ERROR = "internal error in the tracker; try again, and see the tracker's log if it stays";
const NOT_ALLOWED = "this host may not announce here; add its address to the tracker's ALLOW_CIDRS";

/** Throws `ADDRESS_INVALID` for a range that is none. */
export function createHttpFrontend(options: HttpFrontendOptions): HttpFrontend {
  const { service, allowCidrs, log } = options;
  const clientAddress = createClientAddress(options);
  const allowed = allowCidrs.length === 0 ? undefined : createAddressRanges(allowCidrs);
  const malformed = createMalformedRequests();

  function handle(request: IncomingMessage, response: ServerResponse): void {
    if (request.method !== "GET" && request.method !== "HEAD") return refuseMethod(response);
    try {
      const answer = answerTo(request);
      if (answer instanceof Promise)
        answer.then((body) => send(response, body)).catch((error) => fail(response, error));
      else send(response, answer);
    } catch (error) {
      fail(response, error);
    }
  }

  function answerTo(request: IncomingMessage): Answer {
    const url = request.url ?? "";
    const at = url.indexOf("?");
    const query = at < 0 ? "" : url.slice(at + 1);
    return url.startsWith("/a") ? announce(request, parseAnnounceQuery(query)) : scrape(request, query);
  }

  function announce(request: IncomingMessage, query: AnnounceQuery): Answer {
    const host = sender(request, query.claimedAddress);
    const { infoHash, peerId, key, event, left, uploaded, downloaded, numwant } = query;
    const endpoint = compactEndpoint(host, query.port);
    const reply = service.announce({
      infoHash,
      peerId,
      key,
      endpoint,
      otherEndpoint: undefined,
      reach: "any",
      event,
      left,
      uploaded,
      downloaded,
      numwant,
    });
    return reply instanceof Promise ? reply.then((late) => print(late, query, host)) : print(reply, query, host);
  }

  function scrape(request: IncomingMessage, query: string): Answer {
    sender(request, undefined);
    const counts = service.scrape(parseScrapeQuery(query));
    if (counts instanceof Promise) return counts.then((late) => printScrapeReply(late, SCRAPE_INTERVAL_SECONDS));
    return printScrapeReply(counts, SCRAPE_INTERVAL_SECONDS);
  }

  function sender(request: IncomingMessage, claimedAddress: string | undefined): HostAddress {
    const header = request.headers["x-forwarded-for"];
    const forwardedFor = Array.isArray(header) ? header.join(",") : header;
    const host = clientAddress({ socketAddress: request.socket.remoteAddress, forwardedFor, claimedAddress });
    if (allowed?.includes(host) === false) throw new WireError("SENDER_NOT_ALLOWED", NOT_ALLOWED);
    return host;
  }

  function fail(response: ServerResponse, error: unknown): void {
    if (error instanceof WireError) return send(response, printFailure(error.message));
    if (error instanceof UnavailableError) return send(response, printFailure(error.message, RETRY_IN_MINUTES));
    log.error({ err: error }, "an announce or scrape failed");
    send(response, printFailure(INTERNAL_ERROR, RETRY_IN_MINUTES));
  }

  return { handles, handle, onClientError: malformed.answer };
}

function handles(url: string): boolean {
  return ROUTES.some((route) => url.startsWith(route) && endsSegment(url, route.length));
}

function endsSegment(url: string, at: number): boolean {
  return at === url.length || url[at] === "?" || url[at] === "/";
}

function print(reply: ServiceReply, { compact, noPeerId }: AnnounceQuery, externalAddress: HostAddress): Buffer {
  if (reply.kind === "failure") return printFailure(reply.reason, RETRY_IN_MINUTES);
  return printAnnounceReply(reply, { compact, noPeerId, externalAddress });
}

function refuseMethod(response: ServerResponse): void {
  response.setHeader("Allow", "GET, HEAD");
  send(response, printFailure("announces and scrapes are GET requests; send GET"), 405);
}

/** 200 for failures, too: clients look for a failure reason in the body only of a success. */
function send(response: ServerResponse, body: Buffer, status = 200): void {
  response.writeHead(status, { "Content-Type": "text/plain", "Content-Length": body.length });
  response.end(body);
}
