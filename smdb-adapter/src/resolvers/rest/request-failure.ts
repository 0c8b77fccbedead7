// What went wrong with a request, in words that name the remedy.

export interface RequestFailure {
  /** Goes on from the URL. */
  readonly problem: string;
  /** The usual one of RESOLVER_FAILED when undefined. */
  readonly remedy?: string | undefined;
  readonly cause?: unknown;
}

/** Thrown by the client, which knows no resolver; the resolver makes a `TopologyError` of it. */
export class RequestError extends Error {
  /** For messages: without secrets. */
  readonly url: string;
  readonly failure: RequestFailure;

  constructor(url: string, failure: RequestFailure) {
    super(`${url} ${failure.problem}`, { cause: failure.cause });
    this.url = url;
    this.failure = failure;
  }
}

const URL_REMEDY = "correct url, or start the service";
const TRUST = {
  problem: "has a certificate of an authority that is not trusted here",
  remedy: "set ca_file to the certificate of its authority",
};

const FAILURES: Readonly<Record<string, RequestFailure>> = {
  ECONNREFUSED: { problem: "refuses the connection", remedy: URL_REMEDY },
  ENOTFOUND: { problem: "has a host name that DNS does not know", remedy: URL_REMEDY },
  EAI_AGAIN: {
    problem: "has a host name that DNS does not tell now",
    remedy: "check the name servers of this machine",
  },
  EHOSTUNREACH: { problem: "cannot be reached", remedy: URL_REMEDY },
  ENETUNREACH: { problem: "cannot be reached", remedy: URL_REMEDY },
  UND_ERR_CONNECT_TIMEOUT: { problem: "does not take the connection in time", remedy: URL_REMEDY },
  ECONNRESET: { problem: "ended the connection without a whole answer" },
  EPIPE: { problem: "ended the connection without a whole answer" },
  UND_ERR_SOCKET: { problem: "ended the connection without a whole answer" },
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: { problem: "ended the connection without a whole answer" },
  UND_ERR_RES_EXCEEDED_MAX_SIZE: {
    problem: "answers with more than 1 MiB",
    remedy: "correct path, so that it asks for one address alone",
  },
  UND_ERR_HEADERS_OVERFLOW: { problem: "answers with too many headers", remedy: "correct url" },
  UND_ERR_DESTROYED: { problem: "was not asked to the end, as the resolver was closed" },
  CERT_HAS_EXPIRED: { problem: "has a certificate that has expired", remedy: "renew it" },
  CERT_NOT_YET_VALID: { problem: "has a certificate that is not valid yet", remedy: "check the clocks" },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    problem: "has a certificate for another name",
    remedy: "write a name that the certificate has in url, or have one issued for this name",
  },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: TRUST,
  UNABLE_TO_GET_ISSUER_CERT: TRUST,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: TRUST,
  SELF_SIGNED_CERT_IN_CHAIN: TRUST,
  DEPTH_ZERO_SELF_SIGNED_CERT: TRUST,
};

/** For what the HTTP client throws, `timeoutMs` being what the lookup was given. */
export function describeFailure(cause: unknown, timeoutMs: number): RequestFailure {
  if (!(cause instanceof Error)) return { problem: `fails: ${String(cause)}`, cause };
  if (cause.name === "TimeoutError") return describeLateness(timeoutMs, cause);
  const code = "code" in cause && typeof cause.code === "string" ? cause.code : "";
  const known = FAILURES[code];
  if (known !== undefined) return { ...known, cause };
  if (cause.name === "HTTPParserError") {
    return { problem: "answers what is no HTTP", remedy: "correct url; https:// if the port speaks TLS", cause };
  }
  if (code.startsWith("ERR_SSL_") || code === "EPROTO") {
    return { problem: "does not speak TLS", remedy: "correct url; http:// if the port has no TLS", cause };
  }
  return { problem: `fails: ${cause.message || code}`, cause };
}

function describeLateness(timeoutMs: number, cause: Error): RequestFailure {
  const remedy = "find out why the service is slow, or raise the timeout; known addresses keep their last answer";
  return { problem: `has not answered within ${timeoutMs / 1000} s`, remedy, cause };
}

/** For a status that is neither a success nor said to mean an unknown host. */
export function describeStatus(status: number): RequestFailure {
  const problem = `answers with status ${status}`;
  if (status === 401 || status === 403) return { problem, remedy: "correct the token or the password, and its rights" };
  if (status === 404 || status === 410) {
    return { problem, remedy: "correct url and path, or list it in unknown_status if it means an unknown host" };
  }
  if (status === 429) return { problem, remedy: "lower connections, or raise the service's limit" };
  return { problem };
}
