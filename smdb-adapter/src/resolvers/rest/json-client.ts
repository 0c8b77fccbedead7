// Asks a service for JSON: one origin, few connections, a bounded answer, and no redirect to elsewhere.
import { type Dispatcher, Pool } from "undici";
import type { Credentials } from "./credentials.ts";
import { describeFailure, describeStatus, RequestError } from "./request-failure.ts";

export interface JsonClientOptions extends Credentials {
  /** Of the service; its path goes before every path. */
  readonly url: URL;
  readonly unknownStatus: ReadonlySet<number>;
  readonly connections: number;
  /** What a lookup is given in all, for messages and for connecting; the signal ends it. */
  readonly timeoutMs: number;
}

/** What to ask for, and how messages call it. */
export interface JsonRequest {
  readonly path: string;
  readonly shownPath: string;
}

export interface JsonClient {
  /** Rejects with a `RequestError`; undefined when the status says that there is no such thing. */
  get(request: JsonRequest, signal: AbortSignal): Promise<unknown>;
  /** As messages call it. */
  shownUrl(request: JsonRequest): string;
  /** Requests under way are rejected. */
  close(): Promise<void>;
}

const LARGEST_BODY_BYTES = 1024 * 1024;
const LARGEST_SKIPPED_BYTES = 64 * 1024;
const MOST_REDIRECTS = 3;

export function createJsonClient(options: JsonClientOptions): JsonClient {
  const { url, headers, ca, unknownStatus, connections, timeoutMs } = options;
  const pool = new Pool(url.origin, {
    connections,
    allowH2: false,
    maxResponseSize: LARGEST_BODY_BYTES,
    // The lookup's signal bounds both.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: timeoutMs, ...(ca !== undefined && { ca }) },
  });
  const base = url.origin + url.pathname.replace(/\/+$/, "");
  const shownUrl = ({ shownPath }: JsonRequest) => base + shownPath;

  async function get(request: JsonRequest, signal: AbortSignal): Promise<unknown> {
    const shown = shownUrl(request);
    try {
      const { statusCode, body } = await requestAnswer(new URL(base + request.path), shown, signal);
      if (unknownStatus.has(statusCode)) {
        skip(body);
        return undefined;
      }
      return parseJson(await body.arrayBuffer(), shown);
    } catch (cause) {
      if (cause instanceof RequestError) throw cause;
      throw new RequestError(shown, describeFailure(cause, timeoutMs));
    }
  }

  /** A success, or a status that says unknown. */
  async function requestAnswer(start: URL, shown: string, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    let at = start;
    for (let redirects = 0; ; redirects++) {
      const response = await pool.request({ path: at.pathname + at.search, method: "GET", headers, signal });
      const { statusCode: status, headers: answered } = response;
      if (unknownStatus.has(status) || (status >= 200 && status < 300)) return response;
      skip(response.body);
      const target = redirectOf(status, answered["location"], at);
      if (target === undefined) throw new RequestError(shown, describeStatus(status));
      refuseElsewhere(target, at, shown);
      if (redirects === MOST_REDIRECTS) {
        throw new RequestError(shown, {
          problem: `redirects more than ${MOST_REDIRECTS} times`,
          remedy: "correct url and path",
        });
      }
      at = target;
    }
  }

  return { get, shownUrl, close: () => pool.destroy() };
}

const REDIRECTS = [301, 302, 303, 307, 308];

function redirectOf(status: number, location: string | string[] | undefined, from: URL): URL | undefined {
  if (!REDIRECTS.includes(status) || typeof location !== "string") return undefined;
  return URL.parse(location, from.href) ?? undefined;
}

/** Who asks shows its token, which is for this origin alone. */
function refuseElsewhere(target: URL, from: URL, shown: string): void {
  if (target.origin === from.origin) return;
  const { protocol, host, pathname } = target;
  const problem = `redirects elsewhere, to ${protocol}//${host}${pathname}`;
  throw new RequestError(shown, { problem, remedy: "write in url where the service really is" });
}

/** Reads on, so that the connection can be used again, unless there is too much. */
function skip(body: Dispatcher.ResponseData["body"]): void {
  body.dump({ limit: LARGEST_SKIPPED_BYTES }).catch(() => {});
}

function parseJson(bytes: ArrayBuffer, shown: string): unknown {
  const remedy = "correct url and path, so that the service's own answer comes";
  if (bytes.byteLength === 0) throw new RequestError(shown, { problem: "answers with nothing", remedy });
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new RequestError(shown, { problem: "answers what is no JSON", remedy, cause });
  }
}
