// Requests for the HTTP front end: announces and scrapes of transfers in every state, mutated in the query alone or anywhere.
import { type Chance, createMutator } from "./mutation.ts";
import { INFO_HASHES } from "./world.ts";

const HASHES = INFO_HASHES.map((infoHash) => infoHash.replace(/../g, "%$&"));
const NOBODY = "abcdefghi";
const AMOUNTS = "uploaded=0&downloaded=0";

function announce(hash: number, more = "&left=9"): string {
  return `announce?info_hash=${HASHES[hash]}&peer_id=-LT2080-%ff%00${NOBODY}%0${hash}&port=6881&${AMOUNTS}${more}`;
}

function scrape(hashes: readonly number[]): string {
  return `scrape?${hashes.map((hash) => `info_hash=${HASHES[hash % HASHES.length]}`).join("&")}`;
}

const TARGETS = [
  ...[0, 0, 0, 1, 2, 3, 4, 5].map((hash) => announce(hash)),
  announce(0, "&left=9&compact=0"),
  announce(0, "&left=9&compact=0&no_peer_id=1&numwant=3"),
  announce(1, "&left=0&event=completed&key=5fa3b2c1"),
  announce(1, "&left=9&event=started&numwant=200&supportcrypto=1"),
  announce(2, "&left=9&event=stopped"),
  announce(0, "&left=9&ip=10.0.1.7&ipv6=fd00::1"),
  announce(0, "&left=9&ipv4=10.0.1.8:99&ipv6=[fd00::2]:99"),
  announce(0).replace("announce", "announce/key"),
  scrape([0]),
  scrape([0, 1, 2, 3, 4, 5]),
  scrape(Array.from({ length: 120 }, (_, index) => index)),
];
const HEADERS = [
  ["", "Connection: keep-alive\r\n", "Connection: close\r\n", "User-Agent: lt/2\r\nAccept-Encoding: gzip\r\n"],
  ["X-Forwarded-For: 10.0.9.9\r\n", "X-Forwarded-For: 10.0.1.1, 10.0.9.9\r\n", "X-Forwarded-For: 10.0.2.1\r\n"],
].flat();
const requestOf = (target: string, headers = "") => `GET /${target} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`;
const REQUESTS = [
  ...TARGETS.map((target) => requestOf(target)),
  ...HEADERS.map((headers) => requestOf(announce(0), headers)),
  requestOf(announce(2)).replace("HTTP/1.1", "HTTP/1.0"),
  requestOf(announce(2)).replace("GET", "HEAD"),
  requestOf(announce(2)).replace("GET", "POST"),
  requestOf(announce(0)) + requestOf(announce(1)) + requestOf(scrape([0, 1])),
  "GET /announce HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc",
];
const QUERY_TOKENS = [
  ["%", "%a", "%zz", "&&", "=&=", "?", "+", "-1", "0", "1", "9007199254740993", "99999999999999999999", ":", "/"],
  ["&compact=0", "&numwant=-1", "&numwant=99999", "&event=paused", "&event=", "&port=0", "&port=65536", "&left="],
  ["&info_hash=", "&peer_id=", "&ip=::1", "&ip=", "&ipv4=1.2.3.4:5", "&key=", "&no_peer_id=1", "&__proto__=1"],
  HASHES,
  ["x".repeat(5000)],
].flat();
const REQUEST_TOKENS = [
  ["\r\n\r\n", "\r", "\n", "\0", " ", ":", ",", "#", "\xff", "HTTP/1.0", "HEAD ", "POST ", "/scrape?", "/announce?"],
  ["Host: y\r\n", "Content-Length: 3\r\n", "Connection: close\r\n", "X-Forwarded-For: 1.2.3.4\r\n"],
  ["Transfer-Encoding: chunked\r\n", "Expect: 100-continue\r\n", "X-Forwarded-For: x\r\n"],
].flat();
const bytes = (texts: readonly string[]) => texts.map((text) => Buffer.from(text, "latin1"));

export interface HttpInput {
  /** The number of the host that sends it. */
  readonly from: number;
  readonly bytes: Buffer;
}

export interface HttpInputParts {
  readonly chance: Chance;
  readonly random: () => number;
  readonly hosts: number;
}

export function createHttpInputs({ chance, random, hosts }: HttpInputParts): () => HttpInput {
  const target = createMutator({ random, seeds: bytes(TARGETS), tokens: bytes(QUERY_TOKENS) });
  const tokens = bytes([...QUERY_TOKENS, ...REQUEST_TOKENS]);
  const request = createMutator({ random, seeds: bytes(REQUESTS), tokens });
  const { below, percent, pick } = chance;

  function textOf(): string {
    if (percent(80)) return requestOf(target().toString("latin1"), pick(HEADERS));
    if (percent(95)) return request().toString("latin1");
    return String.fromCharCode(...Array.from({ length: below(500) }, () => below(256)));
  }

  return () => {
    const from = below(hosts);
    // Each host has a client of its own.
    const text = textOf().replace(NOBODY, String(from).padStart(NOBODY.length, "0"));
    return { from, bytes: Buffer.from(text, "latin1") };
  };
}
