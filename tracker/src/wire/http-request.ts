// Reads the head of an announce or scrape (RFC 9112) strictly, byte by byte, and leaves whatever is not plain to others.

/** Of request line and headers together, as in `node:http`. */
export const MAX_HEAD_BYTES = 16_384;
const MAX_HEADERS = 100;

/** Why a head is refused; each is a kind that the front ends count. */
export type HeadFault =
  | "http-bad-request-line"
  | "http-bad-header"
  | "http-bad-framing"
  | "http-bad-host"
  | "http-line-too-long"
  | "http-head-too-long"
  | "http-too-many-headers";

/**
 * `read`: a whole head, said by the reader's fields. `incomplete`: more bytes may make it one. `elsewhere`: no announce or
 * scrape, or one with a body, an upgrade or anything else that takes a full HTTP parser. `refused`: no HTTP/1.1; see `fault`.
 */
export type HeadOutcome = "read" | "incomplete" | "elsewhere" | "refused";

const [TAB, LF, CR, SPACE, COMMA, SLASH, COLON, QUESTION] = [0x09, 0x0a, 0x0d, 0x20, 0x2c, 0x2f, 0x3a, 0x3f];
const [ZERO, NINE] = [0x30, 0x39];
const ABSENT = -1;

const [GET, HEAD, ANNOUNCE, SCRAPE, VERSION] = ["GET ", "HEAD ", "/announce", "/scrape", "HTTP/1."].map((text) =>
  Buffer.from(text),
) as [Buffer, Buffer, Buffer, Buffer, Buffer];

/** Header names that mean something here. The names of the first list take a full parser whatever they say. */
const ELSEWHERE_NAMES = ["expect", "proxy-connection", "transfer-encoding", "upgrade"];
const KNOWN_NAMES = ["connection", "content-length", "host", "x-forwarded-for", ...ELSEWHERE_NAMES];
const NAMES_BY_LENGTH = byLength(KNOWN_NAMES);

const [TARGET, TOKEN, VALUE] = [1, 2, 4];
const CLASSES = characterClasses();

/** One reader serves any number of connections: `read` says everything anew, in fields that are used again. */
export class HttpRequestReader {
  isHead = false;
  isScrape = false;
  /** Offsets of what follows the route up to the query, such as `/<key>`. */
  restFrom = 0;
  restTo = 0;
  /** Offsets of the query, without its question mark; empty without one. */
  queryFrom = 0;
  queryTo = 0;
  keepAlive = false;
  /** Offsets of the value of `X-Forwarded-For`, both -1 without one. */
  forwardedFrom = ABSENT;
  forwardedTo = ABSENT;
  /** One past the last byte of the head. */
  end = 0;
  fault: HeadFault = "http-bad-request-line";

  #at = 0;
  #to = 0;
  #bytes: Uint8Array = GET;
  #isPlain = true;
  #isVersion10 = false;
  #saysClose = false;
  #saysKeepAlive = false;
  #connections = 0;
  #hosts = 0;
  #lengths = 0;
  #isCoded = false;

  /** Reads from `from`, where a request begins, and not beyond `to`. */
  read(bytes: Uint8Array, from: number, to: number): HeadOutcome {
    this.#begin(bytes, from, Math.min(to, from + MAX_HEAD_BYTES));
    const line = this.#readLine();
    if (line !== "read") return to - from >= MAX_HEAD_BYTES ? this.#tooLong(line, "http-line-too-long") : line;
    const headers = this.#readHeaders();
    if (headers !== "read") return to - from >= MAX_HEAD_BYTES ? this.#tooLong(headers, "http-head-too-long") : headers;
    return this.#judge();
  }

  #begin(bytes: Uint8Array, from: number, to: number): void {
    this.#bytes = bytes;
    this.#at = from;
    this.#to = to;
    this.forwardedFrom = ABSENT;
    this.forwardedTo = ABSENT;
    this.#isPlain = true;
    this.#saysClose = false;
    this.#saysKeepAlive = false;
    this.#connections = 0;
    this.#hosts = 0;
    this.#lengths = 0;
    this.#isCoded = false;
  }

  #tooLong(outcome: HeadOutcome, fault: HeadFault): HeadOutcome {
    return outcome === "incomplete" ? this.#refuse(fault) : outcome;
  }

  #refuse(fault: HeadFault): HeadOutcome {
    this.fault = fault;
    return "refused";
  }

  #readLine(): HeadOutcome {
    const start = this.#at;
    this.isHead = this.#bytes[start] === HEAD[0];
    const method = this.#expect(this.isHead ? HEAD : GET);
    if (method !== "read") return method;
    const routeAt = this.#at;
    this.isScrape = this.#bytes[routeAt + 1] === SCRAPE[1];
    const route = this.#expect(this.isScrape ? SCRAPE : ANNOUNCE);
    if (route !== "read") return route;
    return this.#readTarget();
  }

  /** Steps over these bytes; others are for others to read. */
  #expect(word: Uint8Array): HeadOutcome {
    for (let index = 0; index < word.length; index++) {
      if (this.#at === this.#to) return "incomplete";
      if (this.#bytes[this.#at++] !== word[index]) return "elsewhere";
    }
    return "read";
  }

  /** What follows the route: its end or a key, the query, and the version. */
  #readTarget(): HeadOutcome {
    const bytes = this.#bytes;
    const to = this.#to;
    let at = this.#at;
    if (at === to) return "incomplete";
    if (bytes[at] !== SPACE && bytes[at] !== QUESTION && bytes[at] !== SLASH) return "elsewhere";
    this.restFrom = at;
    while (at < to && bytes[at] !== QUESTION && isOf(TARGET, bytes[at])) at++;
    this.restTo = at;
    this.queryFrom = at < to && bytes[at] === QUESTION ? at + 1 : at;
    while (at < to && isOf(TARGET, bytes[at])) at++;
    this.queryTo = at;
    if (at === to) return "incomplete";
    // Bytes that no URL has, but that node:http takes: it reads what lenient clients send.
    if (bytes[at] !== SPACE) return "elsewhere";
    this.#at = at + 1;
    return this.#readVersion();
  }

  #readVersion(): HeadOutcome {
    const version = this.#expect(VERSION);
    if (version !== "read") return version;
    if (this.#at + 3 > this.#to) return "incomplete";
    const minor = this.#bytes[this.#at];
    if (minor !== ZERO && minor !== ZERO + 1) return "elsewhere";
    if (this.#bytes[this.#at + 1] !== CR || this.#bytes[this.#at + 2] !== LF)
      return this.#refuse("http-bad-request-line");
    this.#isVersion10 = minor === ZERO;
    this.#at += 3;
    return "read";
  }

  #readHeaders(): HeadOutcome {
    for (let count = 0; ; count++) {
      if (this.#at === this.#to) return "incomplete";
      if (this.#bytes[this.#at] === CR) return this.#readEnd();
      if (count === MAX_HEADERS) return this.#refuse("http-too-many-headers");
      const header = this.#readHeader();
      if (header !== "read") return header;
    }
  }

  #readEnd(): HeadOutcome {
    if (this.#at + 2 > this.#to) return "incomplete";
    if (this.#bytes[this.#at + 1] !== LF) return this.#refuse("http-bad-header");
    this.end = this.#at + 2;
    return "read";
  }

  /** A line that begins with a space (obs-fold), or has one before its colon, has no valid name. */
  #readHeader(): HeadOutcome {
    const bytes = this.#bytes;
    const to = this.#to;
    const nameFrom = this.#at;
    let at = nameFrom;
    while (at < to && isOf(TOKEN, bytes[at])) at++;
    if (at === to) return "incomplete";
    if (bytes[at] !== COLON || at === nameFrom) return this.#refuse("http-bad-header");
    const nameTo = at++;
    while (at < to && isOf(VALUE, bytes[at])) at++;
    if (at + 2 > to) return at < to && bytes[at] !== CR ? this.#refuse("http-bad-header") : "incomplete";
    if (bytes[at] !== CR || bytes[at + 1] !== LF) return this.#refuse("http-bad-header");
    this.#at = at + 2;
    const name = this.#knownName(nameFrom, nameTo);
    if (name !== undefined) this.#note(name, nameTo + 1, at);
    return "read";
  }

  #knownName(from: number, to: number): string | undefined {
    const names = NAMES_BY_LENGTH[to - from];
    return names?.find((name) => this.#isText(name, from));
  }

  /** Whether `text`, in lower case, stands there in any case. */
  #isText(text: string, from: number): boolean {
    for (let index = 0; index < text.length; index++) {
      const byte = this.#bytes[from + index] ?? 0;
      if ((isUpper(byte) ? byte | 0x20 : byte) !== text.charCodeAt(index)) return false;
    }
    return true;
  }

  #note(name: string, valueFrom: number, valueTo: number): void {
    let from = valueFrom;
    let to = valueTo;
    while (from < to && isBlank(this.#bytes[from])) from++;
    while (from < to && isBlank(this.#bytes[to - 1])) to--;
    if (name === "host") this.#noteHost(from, to);
    else if (name === "connection") this.#noteConnection(from, to);
    else if (name === "x-forwarded-for") this.#noteForwarded(from, to);
    else if (name === "content-length") this.#noteLength(from, to);
    else {
      this.#isPlain = false;
      if (name === "transfer-encoding") this.#isCoded = true;
    }
  }

  #noteHost(from: number, to: number): void {
    this.#hosts++;
    for (let at = from; at < to; at++) {
      const byte = this.#bytes[at];
      if (byte === SPACE || byte === TAB || byte === COMMA) this.#hosts++;
    }
  }

  #noteConnection(from: number, to: number): void {
    const length = to - from;
    if (this.#connections++ > 0) this.#isPlain = false;
    else if (length === 5 && this.#isText("close", from)) this.#saysClose = true;
    else if (length === 10 && this.#isText("keep-alive", from)) this.#saysKeepAlive = true;
    else this.#isPlain = false;
  }

  #noteForwarded(from: number, to: number): void {
    if (this.forwardedFrom !== ABSENT) this.#isPlain = false;
    this.forwardedFrom = from;
    this.forwardedTo = to;
  }

  #noteLength(from: number, to: number): void {
    this.#isPlain = false;
    this.#lengths++;
    if (from === to) this.#lengths++;
    for (let at = from; at < to; at++) {
      const byte = this.#bytes[at] ?? 0;
      if (byte < ZERO || byte > NINE) this.#lengths++;
    }
  }

  /** Of a head that is whole: two lengths, or a length and a coding, are how requests are smuggled. */
  #judge(): HeadOutcome {
    if (this.#lengths > 1 || (this.#lengths === 1 && this.#isCoded)) return this.#refuse("http-bad-framing");
    if (this.#hosts > 1 || (this.#hosts === 0 && !this.#isVersion10)) return this.#refuse("http-bad-host");
    this.keepAlive = this.#isVersion10 ? this.#saysKeepAlive : !this.#saysClose;
    return this.#isPlain ? "read" : "elsewhere";
  }
}

function isOf(characterClass: number, byte: number | undefined): boolean {
  return ((CLASSES[byte ?? 0] ?? 0) & characterClass) !== 0;
}

function isUpper(byte: number): boolean {
  return byte >= 0x41 && byte <= 0x5a;
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB;
}

/** What may stand in a target (what `node:http` takes of ASCII), a header's name (a token), and its value (RFC 9110). */
function characterClasses(): Uint8Array {
  const classes = new Uint8Array(256);
  for (let byte = 0x20; byte < 0x100; byte++) if (byte !== 0x7f) classes[byte] = VALUE;
  classes[TAB] = VALUE;
  for (let byte = 0x21; byte < 0x7f; byte++) {
    const character = String.fromCharCode(byte);
    if (character !== "#") classes[byte] = (classes[byte] ?? 0) | TARGET;
    if (/[!#$%&'*+.^_`|~0-9A-Za-z-]/.test(character)) classes[byte] = (classes[byte] ?? 0) | TOKEN;
  }
  return classes;
}

function byLength(names: readonly string[]): readonly (readonly string[] | undefined)[] {
  const lists: string[][] = [];
  for (const name of names) (lists[name.length] ??= []).push(name);
  return lists;
}
