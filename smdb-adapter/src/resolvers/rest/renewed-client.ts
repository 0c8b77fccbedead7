// The client of a service, made anew when the files of its secrets and certificates change.
import { resolve } from "node:path";
import { TopologyError } from "../../errors.ts";
import type { ResolverContext } from "../../resolver-kind.ts";
import { fileSignature, startFileWatch } from "../../topology-file/file-watch.ts";
import { type Credentials, credentialFiles, readCredentials } from "./credentials.ts";
import { createFaultList, type FaultList } from "./fault-list.ts";
import { createJsonClient, type JsonClient } from "./json-client.ts";
import type { RestSettings } from "./rest-settings.ts";
import { readServiceUrl } from "./service-url.ts";

interface RenewedClient {
  /** To be used for one lookup. */
  client(): JsonClient;
  /** Reads the files again; what is refused is reported, and what was shown before stays. */
  reload(): Promise<void>;
  close(): Promise<void>;
}

const DEFAULT_CONNECTIONS = 16;
const DEFAULT_UNKNOWN_STATUS = [404];
const SETTLE_MS = 200;
const POLL_MS = 5000;

/** As many lookups as connections, so that none waits for one while its time runs. */
export function connectionsOf({ connections = DEFAULT_CONNECTIONS }: RestSettings): number {
  return connections;
}

/** Adds its faults to those that there are, and rejects if there are any. */
export async function startRenewedClient(
  settings: RestSettings,
  { name, timeoutMs, onEvent }: ResolverContext,
  faults: FaultList,
): Promise<RenewedClient> {
  const url = readServiceUrl(settings.url, faults);
  const files = credentialFiles(settings);
  // Before the reading, so that a change during it counts as one.
  const signatures = await Promise.all(files.map(fileSignature));
  const first = await readCredentials(settings, faults);
  faults.throwAny(name);

  const unknownStatus = new Set(settings.unknown_status ?? DEFAULT_UNKNOWN_STATUS);
  const connections = connectionsOf(settings);
  const connect = (shown: Credentials) => createJsonClient({ ...shown, url, unknownStatus, connections, timeoutMs });
  let client = connect(first);
  let closed = false;

  async function readAgain(): Promise<void> {
    try {
      const refusals = createFaultList();
      const read = await readCredentials(settings, refusals);
      refusals.throwAny(name);
      if (closed) return;
      // The one before ends by itself: its lookups are bounded, and idle connections are closed within seconds.
      client = connect(read);
      onEvent({ kind: "reloaded", resolver: name, source: url.href, entryCount: files.length });
    } catch (error) {
      if (!(error instanceof TopologyError)) throw error;
      onEvent({ kind: "refused", resolver: name, source: url.href, error });
    }
  }

  // One after another, so that the last reading wins.
  let reading = Promise.resolve();
  const reload = () => (reading = reading.then(readAgain));

  const watches = files.map((file, index) => {
    const watched = { file: resolve(file), onChange: reload, settleMs: SETTLE_MS, pollMs: POLL_MS };
    return startFileWatch(watched, signatures[index] ?? "");
  });
  return {
    client: () => client,
    reload,
    async close() {
      closed = true;
      for (const watching of watches) watching.close();
      await reading;
      await client.close();
    },
  };
}
