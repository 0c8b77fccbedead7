import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type HeadOutcome, HttpRequestReader, MAX_HEAD_BYTES } from "./http-request.ts";

const PLAIN = "GET /announce?info_hash=%aa&port=1 HTTP/1.1\r\nHost: x:6969\r\nAccept: */*\r\n\r\n";

function read(text: string, reader = new HttpRequestReader()): HeadOutcome {
  const bytes = Buffer.from(text, "latin1");
  return reader.read(bytes, 0, bytes.length);
}

/** The head of a plain announce with these lines after its request line. */
function headed(...lines: string[]): string {
  return ["GET /announce?a=b HTTP/1.1", ...lines, "", ""].join("\r\n");
}

function faultOf(text: string): string {
  const reader = new HttpRequestReader();
  expect(read(text, reader), text).toBe("refused");
  return reader.fault;
}

describe("HttpRequestReader", () => {
  it.each([
    ["/announce", ""],
    ["/announce?a=/b", ""],
    ["/announce/", "/"],
    ["/announce/key?a", "/key"],
    ["/scrape/a/b", "/a/b"],
  ])("reads where what follows the route is: %s", (target, rest) => {
    const reader = new HttpRequestReader();
    const bytes = Buffer.from(`GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`);
    expect(reader.read(bytes, 0, bytes.length)).toBe("read");
    expect(bytes.toString("latin1", reader.restFrom, reader.restTo)).toBe(rest);
  });

  it("reads where the query is, what is forwarded and whether the connection stays", () => {
    const bytes = Buffer.from(
      `##HEAD /scrape/key?q=1&r HTTP/1.1\r\nhOST:x\r\nx-Forwarded-For: \t1.2.3.4, 5.6.7.8 \r\n\r\nGET`,
    );
    const reader = new HttpRequestReader();
    expect(reader.read(bytes, 2, bytes.length)).toBe("read");
    expect(bytes.toString("latin1", reader.queryFrom, reader.queryTo)).toBe("q=1&r");
    expect(bytes.toString("latin1", reader.forwardedFrom, reader.forwardedTo)).toBe("1.2.3.4, 5.6.7.8");
    expect(bytes.toString("latin1", reader.end)).toBe("GET");
    expect(reader).toMatchObject({ isHead: true, isScrape: true, keepAlive: true });
  });

  it.each([
    ["GET /announce HTTP/1.1\r\nHost: x\r\n\r\n", true],
    ["GET /announce HTTP/1.1\r\nHost: x\r\nConnection: Close\r\n\r\n", false],
    ["GET /announce HTTP/1.0\r\n\r\n", false],
    ["GET /announce HTTP/1.0\r\nconnection: Keep-Alive\r\n\r\n", true],
  ])("keeps the connection as asked: %j", (text, keepAlive) => {
    const reader = new HttpRequestReader();
    expect(read(text, reader)).toBe("read");
    expect(reader).toMatchObject({ keepAlive, isHead: false, isScrape: false, forwardedFrom: -1 });
    expect(reader.queryTo - reader.queryFrom).toBe(0);
  });

  it.each([
    ["another path", PLAIN.replace("/announce", "/announcer")],
    ["another method", PLAIN.replace("GET", "POST")],
    ["the beginning of another method", "PO"],
    ["an absolute target", PLAIN.replace("/announce", "http://x/announce")],
    ["an empty line first", `\r\n${PLAIN}`],
    ["TLS", "\x16\x03\x01"],
    ["raw bytes in the query, which node:http takes", PLAIN.replace("%aa", "\xaa")],
    ["a fragment", PLAIN.replace("%aa", "#")],
    ["another version", PLAIN.replace("1.1", "2.0")],
    ["a body", headed("Host: x", "Content-Length: 3")],
    ["a coded body", headed("Host: x", "Transfer-Encoding: chunked")],
    ["an upgrade", headed("Host: x", "Upgrade: websocket", "Connection: Upgrade")],
    ["an expectation", headed("Host: x", "Expect: 100-continue")],
    ["several words on the connection", headed("Host: x", "Connection: keep-alive, TE")],
    ["the connection twice", headed("Host: x", "Connection: close", "Connection: close")],
    ["proxies in two headers", headed("Host: x", "X-Forwarded-For: 1.1.1.1", "X-Forwarded-For: 2.2.2.2")],
  ])("leaves %s to others", (_what, text) => {
    expect(read(text)).toBe("elsewhere");
  });

  it.each([
    ["http-bad-request-line", PLAIN.replace("1.1\r\n", "1.1\n")],
    ["http-bad-request-line", PLAIN.replace("1.1\r\n", "1.1 \r\n")],
    ["http-bad-header", PLAIN.replace("*/*\r\n", "*/*\n")],
    ["http-bad-header", PLAIN.replace("*/*", "*\r*")],
    ["http-bad-header", PLAIN.replace("*/*", "*\0*")],
    ["http-bad-header", PLAIN.replace("*/*", "*\x7f*")],
    ["http-bad-header", headed("Host : x")],
    ["http-bad-header", headed("Host: x", " folded: y")],
    ["http-bad-header", headed("Host: x", "\tfolded")],
    ["http-bad-header", headed("Host: x", ": nameless")],
    ["http-bad-header", headed("Host: x", "no colon")],
    ["http-bad-header", headed("Host: x", "ümlaut: y")],
    ["http-bad-header", PLAIN.replace("\r\n\r\n", "\r\n\rX")],
    ["http-bad-host", headed("Accept: x")],
    ["http-bad-host", headed("Host: x", "Host: x")],
    ["http-bad-host", headed("Host: x, y")],
    ["http-bad-framing", headed("Host: x", "Content-Length: 3", "Content-Length: 3")],
    ["http-bad-framing", headed("Host: x", "Content-Length: 3, 3")],
    ["http-bad-framing", headed("Host: x", "Content-Length: +3")],
    ["http-bad-framing", headed("Host: x", "Content-Length:")],
    ["http-bad-framing", headed("Host: x", "Content-Length: 3", "Transfer-Encoding: chunked")],
    ["http-too-many-headers", headed("Host: x", ...Array.from({ length: 100 }, (_, index) => `h${index}: v`))],
    ["http-line-too-long", PLAIN.replace("%aa", "a".repeat(MAX_HEAD_BYTES))],
    ["http-line-too-long", `GET /announce?${"a".repeat(MAX_HEAD_BYTES)}`],
    ["http-head-too-long", headed("Host: x", `a: ${"a".repeat(MAX_HEAD_BYTES)}`)],
  ])("refuses as %s: %.90j", (fault, text) => {
    expect(faultOf(text)).toBe(fault);
  });

  it("reads a head of any length up to its limit", () => {
    const padded = (length: number) => headed("Host: x", `a: ${"a".repeat(length)}`);
    const spare = MAX_HEAD_BYTES - padded(0).length;
    expect(read(padded(spare))).toBe("read");
    expect(faultOf(padded(spare + 1))).toBe("http-head-too-long");
  });

  it("says of the beginning of a request what it says of the whole, or waits for more", () => {
    const alphabet = [
      "GET /announce",
      "HEAD /scrape",
      "?a=1",
      " HTTP/1.1\r\n",
      "Host: x",
      "\r\n",
      "\r",
      "\n",
      " ",
      ":",
    ];
    const words = fc.constantFrom(...alphabet, "Content-Length: 1", "Connection: close", "X: y", "\0", "ä");
    const soup = fc.array(words, { maxLength: 14 }).map((parts) => parts.join(""));
    const plain = fc
      .array(fc.constantFrom("Accept: a", "X-Y:z", "Connection: close"))
      .map((lines) => headed("Host: x", ...lines));
    fc.assert(
      fc.property(fc.oneof(soup, plain), (text) => {
        const whole = read(text);
        for (let cut = 0; cut < text.length; cut++) {
          expect(["incomplete", whole]).toContain(read(text.slice(0, cut)));
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("stays within its bounds and never throws, whatever bytes it is given", () => {
    const reader = new HttpRequestReader();
    const mutated = fc
      .tuple(fc.nat(PLAIN.length - 1), fc.uint8Array({ maxLength: 3 }), fc.nat(3))
      .map(([at, bytes, cut]) => {
        const plain = Buffer.from(PLAIN);
        return Buffer.concat([plain.subarray(0, at), bytes, plain.subarray(at + cut)]);
      });
    fc.assert(
      fc.property(mutated, fc.nat(40), (bytes, from) => {
        const to = Math.max(from, bytes.length - 3);
        const outcome = reader.read(bytes, from, to);
        if (outcome !== "read") return;
        expect(reader.end).toBeLessThanOrEqual(to);
        expect(reader.queryFrom).toBeLessThanOrEqual(reader.queryTo);
        expect(reader.queryTo).toBeLessThan(reader.end);
      }),
      { numRuns: 5000 },
    );
  });
});
