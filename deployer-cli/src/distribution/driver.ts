// How a release gets onto hosts: the interface of the drivers `ansible`, `pull` and `local`.

/** A host that should have the release. */
export interface TargetHost {
  /** As its operator calls it: the inventory's name, or the address. */
  readonly name: string;
  /** IPv4 or IPv6 in canonical text form, as the tracker sees the host. */
  readonly address: string;
}

/** A release that is registered with the tracker. */
export interface Release {
  /** 40 lowercase hex digits. */
  readonly infoHash: string;
  /** The torrent's name, which is the folder or file on the hosts: letters, digits and `._+@-`, no dot or dash in front. */
  readonly name: string;
  /** The name without its version: `web` of `web-1.2.3`. */
  readonly series: string;
  readonly lengthBytes: number;
}

/** What a driver needs of a release to bring it to hosts. */
export interface LoadableRelease extends Release {
  /** The .torrent, as the tracker has it, on this machine. */
  readonly torrentFile: string;
  /** Lines of `sha256sum`, as the tracker prints them for hosts, on this machine. */
  readonly manifestFile: string;
  /** Ed25519 signature of the manifest, 64 bytes raw; undefined for an unsigned release. */
  readonly signatureFile: string | undefined;
}

/** What went wrong on one host; the codes are stable, for programs. */
export const HOST_FAILURES = [
  "UNREACHABLE",
  "DISK_FULL",
  "CLIENT_MISSING",
  "LOAD_FAILED",
  "CORRUPT",
  "UNTRUSTED",
  "VERIFY_FAILED",
  "REMOVE_FAILED",
  "TIMED_OUT",
] as const;

export type HostFailureCode = (typeof HOST_FAILURES)[number];

export interface HostFailure {
  readonly host: TargetHost;
  readonly code: HostFailureCode;
  /** One line that names the thing at fault and the way out. */
  readonly message: string;
}

export interface LoadOptions {
  /**
   * Downloads under way begin anew, with the pieces that are there: their clients refuse for ten minutes whom they lost, and an origin that
   * was started again is at the address of the one that they lost.
   */
  readonly anew: boolean;
  /** Told of each host by its name as it is done, where the driver knows before the last one is. */
  onLoaded(hostName: string): void;
}

/**
 * A host's failure is an answer; only what concerns all hosts is thrown, as a `CommandError`: a program that is missing, an inventory
 * that is none. Every call is safe to repeat, and ends soon after the signal aborts, with its reason.
 */
export interface DistributionDriver {
  /** Refuses what cannot work before anything is changed. */
  check(): Promise<void>;
  /**
   * Has the hosts' clients start the download, or check and mend what is there. Hosts that are not in the answer do it now.
   */
  load(release: LoadableRelease, hosts: readonly TargetHost[], options?: LoadOptions): Promise<readonly HostFailure[]>;
  /**
   * Compares every file of complete hosts with the manifest and makes the release the current one of its series there. Undefined
   * where the hosts do so by themselves and report to the tracker.
   */
  readonly verify?: (release: LoadableRelease, hosts: readonly TargetHost[]) => Promise<readonly HostFailure[]>;
  /** Takes releases off the hosts, files too. Never the current one. Undefined where hosts remove by themselves what the tracker ended. */
  readonly remove?: (releases: readonly Release[], hosts: readonly TargetHost[]) => Promise<readonly HostFailure[]>;
}
