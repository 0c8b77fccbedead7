// Asks the tracker where each host of a list is, many at a time, names by their addresses in DNS.
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { TopologyAnswer } from "../api/resources.ts";
import type { TrackerClient } from "../api/tracker-client.ts";
import { systemErrorCode } from "../errors.ts";
import { inTurn } from "../in-turn.ts";
import type { ListedHost } from "./hosts-file.ts";
import type { CheckedHost } from "./topology-check.ts";

// Who is late for an announce need not be for a check: its lookup goes on, and is answered from memory then.
const LATE_TRIES = 10;
const LATE_PAUSE_MS = 500;

export interface HostAnswersOptions {
  readonly client: Pick<TrackerClient, "locate">;
  readonly onProgress: (done: number) => void;
  readonly signal: AbortSignal;
}

/** In the order of `hosts`. */
export async function askForHosts(
  hosts: readonly ListedHost[],
  { client, onProgress, signal }: HostAnswersOptions,
): Promise<readonly CheckedHost[]> {
  let done = 0;

  async function check(host: ListedHost): Promise<CheckedHost> {
    const { addresses, problem } = await addressesOf(host.host);
    const answers = await Promise.all(addresses.map(ask));
    onProgress(++done);
    return { ...host, answers, problem };
  }

  async function ask(address: string): Promise<TopologyAnswer> {
    let answer = await client.locate(address, true);
    for (let tries = 1; tries < LATE_TRIES && isLate(answer); tries++) {
      await delay(LATE_PAUSE_MS, undefined, { signal });
      answer = await client.locate(address, true);
    }
    return answer;
  }

  return await inTurn(hosts, check);
}

function isLate({ resolvers = [] }: TopologyAnswer): boolean {
  return resolvers.some(({ outcome }) => outcome === "late");
}

async function addressesOf(
  host: string,
): Promise<{ readonly addresses: readonly string[]; readonly problem: string | undefined }> {
  if (isIP(host) !== 0) return { addresses: [host], problem: undefined };
  try {
    const found = await lookup(host, { all: true });
    return { addresses: [...new Set(found.map(({ address }) => address))], problem: undefined };
  } catch (error) {
    const code = systemErrorCode(error);
    return { addresses: [], problem: code === "ENOTFOUND" ? "no such name in DNS" : (code ?? String(error)) };
  }
}
