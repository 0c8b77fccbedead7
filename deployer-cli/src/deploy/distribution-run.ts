// Wave after wave: hosts are declared at the tracker, get the release and are waited for.
import type { TrackerClient } from "../api/tracker-client.ts";
import type { DistributionDriver, LoadableRelease } from "../distribution/driver.ts";
import type { WaveOutcome } from "./deploy-report.ts";
import { countOf, createHostBoard, type HostBoard, type HostStanding } from "./host-board.ts";
import { runWave } from "./wave-run.ts";
import type { Wave } from "./waves.ts";

export interface DistributionOptions {
  /** 0..1: of each wave, and of all hosts. */
  readonly minShare: number;
  /** For all waves together. */
  readonly timeoutSeconds: number;
  /** A wave with a failed host is the last one. */
  readonly pauseOnFailure: boolean;
}

export interface Distribution extends DistributionOptions {
  readonly client: TrackerClient;
  readonly driver: DistributionDriver;
  readonly release: LoadableRelease;
  /** At least one. */
  readonly waves: readonly Wave[];
  /** Undefined leaves them as they are. */
  readonly origins: readonly string[] | undefined;
  /** Makes the release the current one again although it is active already. */
  readonly renew: boolean;
  readonly signal: AbortSignal;
  /** Downloads that an earlier run left under way begin anew. */
  readonly anew: boolean;
  /**
   * Once the first wave has been loaded: an origin that serves earlier is refused by hosts that lost one at its address, and tries
   * none of them again for ten minutes.
   */
  onLoaded(): Promise<void>;
  onLook(picture: DistributionPicture): void;
  onTrackerAway(): void;
}

/** What there is to see while it goes on. */
export interface DistributionPicture {
  readonly wave: Wave;
  readonly waveCount: number;
  readonly standings: readonly HostStanding[];
  readonly seconds: number;
}

export interface DistributionRun {
  readonly board: HostBoard;
  /** One for every wave, whether it has begun or not. */
  outcomes(): readonly WaveOutcome[];
  /** Resolves when the last wave is over; the board and the outcomes stand whatever it throws. */
  run(): Promise<void>;
}

export function createDistribution(distribution: Distribution): DistributionRun {
  const { waves, client, release, timeoutSeconds } = distribution;
  const hosts = waves.flatMap((wave) => wave.hosts);
  const board = createHostBoard(hosts);
  const seconds = new Map<number, number>();
  const startedAt = performance.now();
  const elapsed = () => (performance.now() - startedAt) / 1000;

  async function run(): Promise<void> {
    const declared = new Set((await client.show(release.infoHash)).targets);
    for (const wave of waves) {
      // Never fewer: hosts whose own agent asks would take the release off again.
      for (const { address } of wave.hosts) declared.add(address);
      await activate([...declared], wave.index === 1);
      await runTimed(wave);
      if (distribution.pauseOnFailure && countOf(board.of(wave.hosts), "failed") > 0) return;
    }
  }

  async function activate(targets: readonly string[], isFirst: boolean): Promise<void> {
    const { origins } = distribution;
    await client.activate(release.infoHash, { targets, origins, renew: isFirst && distribution.renew });
  }

  async function runTimed(wave: Wave): Promise<void> {
    const begunAt = elapsed();
    const left = waves.length - wave.index + 1;
    try {
      await runWave({
        ...distribution,
        board,
        hosts: wave.hosts,
        onLoaded: async () => (wave.index === 1 ? distribution.onLoaded() : undefined),
        // What a quick wave leaves of its share is the others'.
        timeoutSeconds: Math.max(1, (timeoutSeconds - begunAt) / left),
        onLook: () =>
          distribution.onLook({ wave, waveCount: waves.length, standings: board.standings(), seconds: elapsed() }),
      });
    } finally {
      seconds.set(wave.index, elapsed() - begunAt);
    }
  }

  return {
    board,
    run,
    outcomes: () => waves.map((wave) => outcomeOf(wave, board.of(wave.hosts), seconds.get(wave.index))),
  };
}

function outcomeOf(wave: Wave, standings: readonly HostStanding[], seconds: number | undefined): WaveOutcome {
  const verified = countOf(standings, "verified");
  const failed = countOf(standings, "failed");
  const isDone = failed === 0 && verified > 0;
  return {
    index: wave.index,
    share: wave.label,
    targets: wave.hosts.length,
    verified,
    failed,
    seconds: rounded(seconds ?? 0),
    state: seconds === undefined ? "skipped" : isDone ? "done" : "failed",
  };
}

/** To milliseconds. */
export function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
