// Fuzzes the reader of HTTP heads: it keeps to its bounds, and never reads a request that node:http does not read the same.
import { HttpRequestReader } from "../../tracker/src/wire/http-request.ts";
import { createHttpOracle, type SeenRequest, type SeenStream } from "./http-oracle.ts";
import { createMutator, seededRandom } from "./mutation.ts";

export interface HttpFuzzReport {
  readonly inputs: number;
  /** How many inputs had at least one request read, and how many ended in which way. */
  readonly read: number;
  readonly endings: Readonly<Record<Ending, number>>;
  /** Of the inputs that node:http read, too. */
  readonly compared: number;
  /** Refused by the reader alone: it is the stricter one. */
  readonly stricter: number;
}

type Ending = "whole" | "incomplete" | "elsewhere" | "refused";

interface OwnStream {
  readonly requests: SeenRequest[];
  ending: Ending;
}

export interface HttpFuzzOptions {
  readonly inputs: number;
  /** How many of them node:http reads, too. */
  readonly compared: number;
  readonly seed: number;
}

const BATCH = 200;
const QUERY = "info_hash=%aa%bb&peer_id=-LT2080-abcdefghijkl&port=6881&uploaded=0&downloaded=0&left=9";
const SEEDS = [
  `GET /announce?${QUERY} HTTP/1.1\r\nHost: x:6969\r\nUser-Agent: lt/2\r\nConnection: close\r\n\r\n`,
  `GET /announce?${QUERY} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\nConnection: keep-alive\r\n\r\n`,
  `GET /announce/key?${QUERY} HTTP/1.1\r\nX-Forwarded-For: 10.0.0.1, 10.0.0.2\r\nHost: x\r\n\r\n`,
  `GET /announce?${QUERY} HTTP/1.0\r\n\r\n`,
  "GET /announce?a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
  "HEAD /scrape?info_hash=%aa HTTP/1.1\r\nHost: x\r\n\r\n",
  "GET /scrape HTTP/1.1\r\nhost:x\r\n\r\nGET /announce?2 HTTP/1.1\r\nHost: x\r\n\r\n",
  "GET /announce HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcGET /announce?2 HTTP/1.1\r\nHost: x\r\n\r\n",
  "GET /announce HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /announce?2 HTTP/1.1\r\nHost: x\r\n\r\n",
  "POST /transfers HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}",
];
const TOKENS = [
  ...'\r\n|\n|\r|\0| |\t|:|,|\x7f|\xff|#|?|/|;|"|\\|HTTP/1.1|HTTP/1.0|HTTP/2.0|GET |HEAD |POST |/announce|/scrape'.split(
    "|",
  ),
  "\r\n\r\n",
  "\r\n ",
  " :",
  "Content-Length: 3\r\n",
  "Content-Length: 0\r\n",
  "content-length:",
  "Host: y\r\n",
  "Transfer-Encoding: chunked\r\n",
  "Connection: close\r\n",
  "connection: keep-alive\r\n",
  "Connection: x, close\r\n",
  "Upgrade: websocket\r\n",
  "Expect: 100-continue\r\n",
  "X-Forwarded-For: 1.2.3.4\r\n",
  "Proxy-Connection: close\r\n",
];
const bytes = (texts: readonly string[]) => texts.map((text) => Buffer.from(text, "latin1"));

/** Throws an `Error` that shows the input at the first disagreement. */
export async function fuzzHttp({ inputs, compared, seed }: HttpFuzzOptions): Promise<HttpFuzzReport> {
  const mutate = createMutator({ random: seededRandom(seed), seeds: bytes(SEEDS), tokens: bytes(TOKENS) });
  const oracle = createHttpOracle();
  const endings = { whole: 0, incomplete: 0, elsewhere: 0, refused: 0 };
  let [read, stricter] = [0, 0];
  for (let done = 0; done < inputs; done += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, inputs - done) }, mutate);
    const own = batch.map(readOwn);
    for (const { ending, requests } of own) {
      endings[ending]++;
      if (requests.length > 0) read++;
    }
    if (done >= compared) continue;
    const seen = await oracle.see(batch);
    for (const [index, input] of batch.entries()) stricter += compare(input, own[index]!, seen[index]!);
  }
  return { inputs, read, endings, compared: Math.min(compared, inputs), stricter };
}

const reader = new HttpRequestReader();

/** What the reader makes of a stream up to where it stops. */
function readOwn(input: Buffer): OwnStream {
  const stream: OwnStream = { requests: [], ending: "whole" };
  for (let at = 0; at < input.length;) {
    const outcome = reader.read(input, at, input.length);
    if (outcome !== "read") return { ...stream, ending: outcome };
    if (!(reader.end > at && reader.end <= input.length)) throw disagreement(input, "the reader left its bounds");
    stream.requests.push(ownRequest(input, at));
    if (!reader.keepAlive) return stream;
    at = reader.end;
  }
  return stream;
}

function ownRequest(input: Buffer, at: number): SeenRequest {
  const line = input.toString("latin1", at, reader.queryTo);
  const [method = "", url = ""] = line.split(" ");
  const { forwardedFrom, forwardedTo } = reader;
  const forwardedFor = forwardedFrom < 0 ? "" : input.toString("latin1", forwardedFrom, forwardedTo);
  return { method, url, forwardedFor, keepsAlive: reader.keepAlive };
}

/** Returns 1 where only the reader refuses. */
function compare(input: Buffer, own: OwnStream, seen: SeenStream): number {
  for (const [index, request] of own.requests.entries()) {
    const other = seen.requests[index];
    if (JSON.stringify(other) === JSON.stringify(request)) continue;
    throw disagreement(input, `request ${index}: ${JSON.stringify(request)}, but node:http: ${JSON.stringify(other)}`);
  }
  const isEnd = own.ending === "incomplete" || own.ending === "whole";
  if (isEnd && seen.requests.length > own.requests.length) {
    throw disagreement(input, `${own.requests.length} requests, but node:http: ${seen.requests.length}`);
  }
  return own.ending === "refused" && !seen.isRefused ? 1 : 0;
}

function disagreement(input: Buffer, what: string): Error {
  return new Error(`${what}\nthe input: ${JSON.stringify(input.toString("latin1"))}`);
}
