// What an announce or scrape over HTTP is answered with, whoever read the request: parse, call the service, print.
import { type AnnounceService, type ServiceReply, UnavailableError } from "../../service/announce-service.ts";
import type { HostAddress } from "../../swarm/identifiers.ts";
import { createAddressRanges } from "../../wire/address-ranges.ts";
import { type AnnounceQuery, parseAnnounceQuery } from "../../wire/announce-query.ts";
import { writeAnnounceReply, writeFailure } from "../../wire/announce-reply.ts";
import type { ByteWriter } from "../../wire/byte-writer.ts";
import { WireError, type WireErrorCode } from "../../wire/errors.ts";
import { parseScrapeQuery } from "../../wire/scrape-query.ts";
import { printScrapeReply } from "../../wire/scrape-reply.ts";
import type { FaultCounts } from "../fault-counts.ts";
import { createClientAddress, type ProxySettings, type SenderClues } from "./client-address.ts";

export interface TrackerAnswersOptions extends ProxySettings {
  readonly service: AnnounceService;
  /** CIDR ranges of the hosts that may announce and scrape; empty lets everybody (`ALLOW_CIDRS`). */
  readonly allowCidrs: readonly string[];
  readonly faults: FaultCounts;
  readonly log: { error(details: object, message: string): void };
}

export interface AnnouncingSender extends SenderClues {
  /** What followed `/announce/` in the path; `""` when nothing did. */
  readonly announceKey: string;
}

/** Writes a body of bencode. */
export type WriteBody = (out: ByteWriter) => void;

/** Never rejects; what it brings is called at once. */
export type LateAnswer = Promise<WriteBody>;

/** Never throw: whatever goes wrong is an answer with a failure reason. */
export interface TrackerAnswers {
  /** `query` is what follows the question mark. Writes to `out` at once, or promises to. */
  announce(query: string, sender: AnnouncingSender, out: ByteWriter): LateAnswer | undefined;
  scrape(query: string, sender: SenderClues, out: ByteWriter): LateAnswer | undefined;
}

/** BEP 31 counts in minutes. */
const RETRY_IN_MINUTES = 1;
const SCRAPE_INTERVAL_SECONDS = 30;
const INTERNAL_ERROR = "internal error in the tracker; try again, and see the tracker's log if it stays";
const NOT_ALLOWED = "this host may not announce here; add its address to the tracker's ALLOW_CIDRS";
const FAULT_KINDS: Partial<Record<WireErrorCode, string>> = {
  QUERY_INVALID: "http-bad-query",
  ADDRESS_INVALID: "http-bad-address",
  SENDER_NOT_ALLOWED: "http-not-allowed",
};

/** Throws `ADDRESS_INVALID` for a range that is none. */
export function createTrackerAnswers(options: TrackerAnswersOptions): TrackerAnswers {
  const { service, allowCidrs, faults, log } = options;
  const clients = createClientAddress(options);
  const allowed = allowCidrs.length === 0 ? undefined : createAddressRanges(allowCidrs);

  function announce(text: string, sender: AnnouncingSender, out: ByteWriter): LateAnswer | undefined {
    const query = parseAnnounceQuery(text);
    const { host, endpoint, otherEndpoint } = clients.endpointsOf(sender, query.port, query.claims);
    refuseStrangers(host);
    const { infoHash, peerId, key, event, left, uploaded, downloaded, numwant } = query;
    const reply = service.announce({
      infoHash,
      peerId,
      key,
      announceKey: sender.announceKey,
      endpoint,
      otherEndpoint,
      reach: "any",
      event,
      left,
      uploaded,
      downloaded,
      numwant,
    });
    if (reply instanceof Promise) return later(reply, (late, at) => writeReply(at, late, query, host));
    writeReply(out, reply, query, host);
    return undefined;
  }

  function scrape(text: string, sender: SenderClues, out: ByteWriter): LateAnswer | undefined {
    refuseStrangers(clients.hostOf(sender));
    const counts = service.scrape(parseScrapeQuery(text));
    if (counts instanceof Promise) return later(counts, (late, at) => writeCounts(at, late));
    writeCounts(out, counts);
    return undefined;
  }

  function refuseStrangers(host: HostAddress): void {
    if (allowed?.includes(host) === false) throw new WireError("SENDER_NOT_ALLOWED", NOT_ALLOWED);
  }

  function later<T>(promise: Promise<T>, write: (late: T, out: ByteWriter) => void): LateAnswer {
    return promise.then(
      (late): WriteBody =>
        (out) =>
          write(late, out),
      failure,
    );
  }

  function failure(error: unknown): WriteBody {
    if (error instanceof WireError) {
      const kind = FAULT_KINDS[error.code];
      if (kind !== undefined) faults.count(kind);
      return (out) => writeFailure(out, error.message);
    }
    if (error instanceof UnavailableError) return (out) => writeFailure(out, error.message, RETRY_IN_MINUTES);
    log.error({ err: error }, "an announce or scrape failed");
    return (out) => writeFailure(out, INTERNAL_ERROR, RETRY_IN_MINUTES);
  }

  function guarded(answer: typeof announce): typeof announce {
    return (query, sender, out) => {
      const from = out.length;
      try {
        return answer(query, sender, out);
      } catch (error) {
        out.length = from;
        failure(error)(out);
        return undefined;
      }
    };
  }

  return { announce: guarded(announce), scrape: guarded(scrape) };
}

function writeReply(
  out: ByteWriter,
  reply: ServiceReply,
  { compact, noPeerId }: AnnounceQuery,
  externalAddress: HostAddress,
): void {
  if (reply.kind === "failure") writeFailure(out, reply.reason, RETRY_IN_MINUTES);
  else writeAnnounceReply(out, reply, { compact, noPeerId, externalAddress });
}

function writeCounts(out: ByteWriter, counts: Parameters<typeof printScrapeReply>[0]): void {
  const body = printScrapeReply(counts, SCRAPE_INTERVAL_SECONDS);
  out.copy(body, body.length);
}
