// How far every host of a deploy is, put together from what the tracker says and what the driver found.
import type { TransferDetail } from "../api/resources.ts";
import { HOST_FAILURES, type HostFailure, type HostFailureCode, type TargetHost } from "../distribution/driver.ts";

export type HostState = "waiting" | "loaded" | "downloading" | "complete" | "verified" | "failed";

export interface HostStanding {
  readonly host: TargetHost;
  readonly state: HostState;
  /** 0..1 of the bytes. */
  readonly progress: number;
  readonly code: HostFailureCode | undefined;
  readonly message: string | undefined;
  /** Since the board was made; undefined until verified or failed. */
  readonly settledSeconds: number | undefined;
}

export interface HostBoard {
  /** In the order of the hosts. */
  standings(): readonly HostStanding[];
  of(hosts: readonly TargetHost[]): readonly HostStanding[];
  /** Reports that were there before the first look count only when they say that a host is verified. */
  observe(transfer: Pick<TransferDetail, "hosts" | "reports">): void;
  /** Its client has the torrent, and may not have asked the tracker yet. */
  load(hostName: string): void;
  fail(failures: readonly HostFailure[]): void;
  /** What was seen so far of these hosts' bytes counts no more: their clients may have to begin anew. */
  restart(hosts: readonly TargetHost[]): void;
  verify(hosts: readonly TargetHost[]): void;
}

export function createHostBoard(hosts: readonly TargetHost[], now: () => number = () => performance.now()): HostBoard {
  const startedAt = now();
  const standings = new Map<string, HostStanding>(hosts.map((host) => [host.address, waiting(host)]));
  const addresses = new Map(hosts.map(({ name, address }) => [name, address]));
  const oldFailures = new Map<string, string>();
  let hasLooked = false;

  function settle(
    address: string,
    state: "verified" | "failed",
    failure?: { code: HostFailureCode; message: string },
  ): void {
    const standing = standings.get(address);
    if (!standing || (standing.state === state && standing.message === failure?.message)) return;
    const settledSeconds = (now() - startedAt) / 1000;
    const progress = state === "verified" ? 1 : standing.progress;
    standings.set(address, {
      ...standing,
      state,
      progress,
      code: failure?.code,
      message: failure?.message,
      settledSeconds,
    });
  }

  function observeReport({ address, state, code, message, reportedAt }: TransferDetail["reports"][number]): void {
    if (state === "verified") return settle(address, "verified");
    if (!hasLooked) oldFailures.set(address, reportedAt);
    if (oldFailures.get(address) === reportedAt) return;
    settle(address, "failed", {
      code: HOST_FAILURES.find((known) => known === code) ?? "VERIFY_FAILED",
      message: message ?? "the host gave no reason",
    });
  }

  return {
    standings: () => [...standings.values()],
    of: (some) => some.flatMap(({ address }) => standings.get(address) ?? []),
    observe(transfer) {
      for (const { address, progress, seeder } of transfer.hosts) {
        const standing = standings.get(address);
        if (!standing || isSettled(standing)) continue;
        standings.set(address, { ...standing, progress, state: seeder ? "complete" : "downloading" });
      }
      transfer.reports.forEach(observeReport);
      hasLooked = true;
    },
    load(hostName) {
      const standing = standings.get(addresses.get(hostName) ?? "");
      if (standing?.state === "waiting") standings.set(standing.host.address, { ...standing, state: "loaded" });
    },
    fail: (failures) => failures.forEach((failure) => settle(failure.host.address, "failed", failure)),
    restart(some) {
      const unsettled = some.flatMap(({ address }) => standings.get(address) ?? []).filter((one) => !isSettled(one));
      for (const { host } of unsettled) standings.set(host.address, waiting(host));
    },
    verify: (some) => some.forEach(({ address }) => settle(address, "verified")),
  };
}

function waiting(host: TargetHost): HostStanding {
  return { host, state: "waiting", progress: 0, code: undefined, message: undefined, settledSeconds: undefined };
}

export function isSettled({ state }: HostStanding): boolean {
  return state === "verified" || state === "failed";
}

export function verifiedShare(standings: readonly HostStanding[]): number {
  return standings.length === 0 ? 1 : countOf(standings, "verified") / standings.length;
}

export function countOf(standings: readonly HostStanding[], state: HostState): number {
  return standings.filter((standing) => standing.state === state).length;
}
