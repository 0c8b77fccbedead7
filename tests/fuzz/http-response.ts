// Reads what an HTTP server wrote on one connection, strictly: nothing may be left over.

export interface ReadResponse {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  /** Undefined for an answer to HEAD. */
  readonly body: Buffer | undefined;
}

const END_OF_HEAD = Buffer.from("\r\n\r\n");
const STATUS_LINE = /^HTTP\/1\.1 ([1-5]\d\d) [A-Za-z ]+$/;
const HEADER = /^([A-Za-z-]+): ([\x20-\x7e]*)$/;
/** As \`node:http\` prints its own refusals. */
const EMPTY_CHUNKED = "0\r\n\r\n";
const NEXT = "HTTP/1.1 ";

/** Throws an `Error` that says what is no HTTP. `mayBeHead`: some of them may answer HEAD, and have no body. */
export function readResponses(bytes: Buffer, mayBeHead: boolean): ReadResponse[] {
  const responses: ReadResponse[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(END_OF_HEAD, at);
    if (end < 0) throw new Error("a response's head has no end");
    const { status, headers } = readHead(bytes.toString("latin1", at, end));
    const bodyAt = end + END_OF_HEAD.length;
    const follows = bytes.toString("latin1", bodyAt, bodyAt + NEXT.length);
    const isWithout = mayBeHead && (follows === "" || follows === NEXT);
    at = isWithout ? bodyAt : bodyAt + lengthOf(headers, status);
    if (at > bytes.length) throw new Error("a response's body is shorter than its length");
    responses.push({ status, headers, body: isWithout ? undefined : bytes.subarray(bodyAt, at) });
  }
  return responses;
}

function readHead(text: string): Pick<ReadResponse, "status" | "headers"> {
  const [line = "", ...lines] = text.split("\r\n");
  const status = STATUS_LINE.exec(line)?.[1];
  if (status === undefined) throw new Error(`a response begins with ${JSON.stringify(line)}`);
  const headers = new Map<string, string>();
  for (const header of lines) {
    const [, name, value = ""] = HEADER.exec(header) ?? [];
    if (name === undefined) throw new Error(`a response has the header ${JSON.stringify(header)}`);
    headers.set(name.toLowerCase(), value);
  }
  return { status: Number(status), headers };
}

function lengthOf(headers: ReadonlyMap<string, string>, status: number): number {
  const length = headers.get("content-length");
  if (length !== undefined && /^\d+$/.test(length)) return Number(length);
  if (status === 100 || status === 204) return 0;
  if (headers.get("transfer-encoding") === "chunked") return EMPTY_CHUNKED.length;
  throw new Error(`a response of status ${status} says no length`);
}
