// What keeps deltas from a webhook, told with the remedy; paths and queries may hold tokens, so a receiver is named by its origin.
import { SinkError } from "../delta-sink.ts";

const FIRST_WORDS = 200;
const TIMEOUT = 408;
const TOO_EARLY = 425;
const TOO_MANY = 429;
/** The receiver's fault, or its moment's: the same request may be taken later. */
const PASSING = new Set([TIMEOUT, TOO_EARLY, TOO_MANY]);

const REMEDIES: Readonly<Record<number, string>> = {
  401: "give it the secret that is in ACCOUNTING_SINK_SECRET, and see that its clock is right",
  403: "give it the secret that is in ACCOUNTING_SINK_SECRET, and see that its clock is right",
  404: "correct ACCOUNTING_SINK",
  405: "correct ACCOUNTING_SINK: it takes no POST there",
  410: "correct ACCOUNTING_SINK, or remove it where deltas are not wanted any more",
  413: "let it take bodies of 2 MiB",
};

/** Of an answer other than 2xx. */
export async function refusedBy(response: Response, { url, now }: { url: URL; now: number }): Promise<SinkError> {
  const { status, headers } = response;
  const isPassing = status >= 500 || PASSING.has(status);
  const words = await firstWords(response);
  const seen = `${status}${words === "" ? "" : `: ${words}`}`;
  return new SinkError(`the webhook at ${url.origin} does not take deltas (${seen}); ${remedyFor(response)}`, {
    isRefusal: !isPassing,
    retryAfterMs: retryAfter(headers.get("retry-after"), now),
  });
}

function remedyFor({ status, headers }: Response): string {
  if (status >= 300 && status < 400) {
    const target = URL.parse(headers.get("location") ?? "")?.origin;
    return `name the address that it redirects to${target === undefined ? "" : `, at ${target},`} by ACCOUNTING_SINK`;
  }
  return REMEDIES[status] ?? "see the receiver's log";
}

/** Seconds, or a date (RFC 9110). */
function retryAfter(text: string | null, now: number): number | undefined {
  if (text === null) return undefined;
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return ms > 0 ? ms : undefined;
}

/** On one line. What is behind them is not read. */
async function firstWords({ body }: Response): Promise<string> {
  if (body === null) return "";
  for await (const chunk of body) {
    const text = Buffer.from(chunk).toString("utf8", 0, FIRST_WORDS);
    return text.replaceAll(/[\s\p{C}]+/gu, " ").trim();
  }
  return "";
}

/** Of what `fetch` rejects with, whose causes tell more than itself. */
export function unreachable(error: unknown, url: URL): SinkError {
  if (error instanceof SinkError) return error;
  const words = wordsOf(error);
  const isUntrusted = /certificate|CERT_|_CERT/i.test(words);
  const remedy = isUntrusted
    ? "name the file of its authority by NODE_EXTRA_CA_CERTS, and the host as its certificate does"
    : "see whether it runs, and correct ACCOUNTING_SINK if it is elsewhere";
  return new SinkError(`the webhook at ${url.origin} cannot be reached (${words}); ${remedy}`, {
    cause: error,
    isRefusal: isUntrusted,
  });
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, code, cause } = error as NodeJS.ErrnoException;
  if (cause instanceof Error) return wordsOf(cause);
  const isNew = code !== undefined && !message.includes(code);
  return [message, isNew ? code : ""].filter((part) => part !== "").join(" ");
}
