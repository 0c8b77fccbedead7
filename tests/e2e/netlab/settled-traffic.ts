// What every client moved by its own counters, and what was counted of it, when all have said goodbye.
import { setTimeout as sleep } from "node:timers/promises";
import type { LabClient, MovedBytes } from "./lab-client.ts";
import { ORIGIN } from "./shape.ts";
import type { LabSink } from "./trackers/sink.ts";
import type { Payload } from "./workspace.ts";

export interface HostTraffic {
  readonly host: string;
  readonly moved: MovedBytes;
  /** Undefined for a host that nothing was told of. */
  readonly counted: MovedBytes | undefined;
}

const TIMEOUT_MS = 30_000;
const ASK_EVERY_MS = 200;

/** Waits until the sink was told of as many clients that stopped as there are. */
export async function settleTraffic(
  payload: Payload,
  clients: readonly LabClient[],
  sink: LabSink,
): Promise<HostTraffic[]> {
  const moved = await Promise.all(clients.map((client) => client.stop(payload)));
  const deadline = Date.now() + TIMEOUT_MS;
  let sums = await sink.sums();
  while (sums.stopped < clients.length && Date.now() < deadline) {
    await sleep(ASK_EVERY_MS);
    sums = await sink.sums();
  }
  return clients.map(({ host }, index) => ({
    host: host.name,
    moved: ofItsOwn(host === ORIGIN, moved[index]),
    counted: sums.hosts.get(host.address),
  }));
}

/** The origin has all bytes without having got them. */
function ofItsOwn(
  isOrigin: boolean,
  { uploaded, downloaded }: MovedBytes = { uploaded: 0, downloaded: 0 },
): MovedBytes {
  return { uploaded, downloaded: isOrigin ? 0 : downloaded };
}
