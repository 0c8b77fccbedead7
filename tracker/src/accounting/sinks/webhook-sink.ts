// Deltas to a webhook: one signed POST a batch, whose id a receiver knows a replay by.
import type { Delta } from "../delta.ts";
import type { DeltaSink } from "../delta-sink.ts";
import type { WebhookSettings } from "./sink-settings.ts";
import { refusedBy, unreachable } from "./webhook-errors.ts";
import { webhookHeaders } from "./webhook-signature.ts";

export interface WebhookParts {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** How long the receiver has to answer: 20 s. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 20_000;

export function openWebhookSink(settings: WebhookSettings, { now, timeoutMs = TIMEOUT_MS }: WebhookParts): DeltaSink {
  const { url, authorization } = withoutCredentials(settings.url);
  let underWay: AbortController | undefined;

  async function post(body: string, id: string, signal: AbortSignal): Promise<void> {
    const headers = webhookHeaders({ id, timestamp: Math.floor(now() / 1000), body }, settings.keys);
    const response = await fetch(url, {
      method: "POST",
      redirect: "manual",
      // A receiver may close an idle connection just as the next batch is sent on it.
      headers: {
        "content-type": "application/json",
        "user-agent": "rackcast",
        connection: "close",
        ...authorization,
        ...headers,
      },
      body,
      signal,
    });
    if (!response.ok) throw await refusedBy(response, { url, now: now() });
    await response.body?.cancel();
  }

  return {
    async write(batch) {
      const attempt = new AbortController();
      underWay = attempt;
      const timer = setTimeout(() => attempt.abort(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
      try {
        const message = messageOf(batch);
        await post(JSON.stringify(message), idOf(message), attempt.signal);
      } catch (error) {
        throw unreachable(error, url);
      } finally {
        clearTimeout(timer);
      }
    },
    async close() {
      underWay?.abort(new Error("the tracker ends"));
    },
  };
}

function messageOf(batch: readonly Delta[]) {
  const [first, last] = [batch[0], batch.at(-1)];
  return {
    type: "accounting.deltas",
    source: first?.source,
    firstSequence: first?.sequence,
    lastSequence: last?.sequence,
    deltas: batch,
  };
}

/** Without a full stop, which separates what is signed. */
function idOf({ source, firstSequence, lastSequence }: ReturnType<typeof messageOf>): string {
  return `${source}-${firstSequence}-${lastSequence}`;
}

function withoutCredentials(text: string) {
  const url = new URL(text);
  const { username, password } = url;
  url.username = url.password = "";
  if (username === "" && password === "") return { url, authorization: {} };
  const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`);
  return { url, authorization: { authorization: `Basic ${credentials.toString("base64")}` } };
}
