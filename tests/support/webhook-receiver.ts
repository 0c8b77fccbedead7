// A receiver of webhooks as ops/docs/accounting.md has one: checks signatures, and takes each delta once by its number.
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { Delta } from "../../tracker/src/accounting/delta.ts";

export interface ReceivedWebhook {
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** Answers in the receiver's place when it returns true. */
export type Interference = (request: IncomingMessage, response: ServerResponse, body: string) => boolean;

export interface WebhookReceiver {
  /** `http://127.0.0.1:<port>/in`. */
  readonly url: string;
  /** Whatever came, taken or not. */
  readonly received: ReceivedWebhook[];
  readonly taken: Delta[];
  interfere(interference: Interference | undefined): void;
  connectionCount(): Promise<number>;
  /** Ends all connections, and listens no longer. */
  stop(): Promise<void>;
  /** After `stop`, on the same port. */
  start(): Promise<void>;
}

interface Message {
  readonly source: string;
  readonly deltas: readonly Delta[];
}

export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const received: ReceivedWebhook[] = [];
  const taken: Delta[] = [];
  const last = new Map<string, number>();
  let interference: Interference | undefined;
  let port = 0;
  let server: Server;

  function take(body: string): void {
    const { source, deltas } = JSON.parse(body) as Message;
    for (const delta of deltas) {
      if (delta.sequence <= (last.get(source) ?? 0)) continue;
      taken.push(delta);
      last.set(source, delta.sequence);
    }
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    received.push({ url: request.url!, headers: request.headers, body });
    if (interference?.(request, response, body) === true) return;
    take(body);
    response.writeHead(204).end();
  }

  async function start(): Promise<void> {
    server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    ({ port } = server.address() as AddressInfo);
  }

  await start();
  return {
    url: `http://127.0.0.1:${port}/in`,
    received,
    taken,
    interfere: (next) => void (interference = next),
    connectionCount: () => new Promise((resolve) => server.getConnections((_, count) => resolve(count ?? 0))),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
    start,
  };
}
