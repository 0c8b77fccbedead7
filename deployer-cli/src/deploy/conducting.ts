// What a deploy and a rollback have in common: hosts wave by wave, the view, the old releases, and the report whatever happens.
import type { Transfer } from "../api/resources.ts";
import type { TrackerClient } from "../api/tracker-client.ts";
import type { DistributionDriver, LoadableRelease, TargetHost } from "../distribution/driver.ts";
import { toldError } from "../failure.ts";
import type { Session } from "../session.ts";
import { reportDeploy } from "./deploy-outcome.ts";
import type { DeployReport } from "./deploy-report.ts";
import { createDeployView } from "./deploy-view.ts";
import { createDistribution, type DistributionOptions } from "./distribution-run.ts";
import { inTurn } from "../in-turn.ts";
import { planWaves, type WaveSize } from "./waves.ts";

/** Who takes part. */
export interface Crew {
  readonly client: TrackerClient;
  readonly driver: DistributionDriver;
  readonly via: DeployReport["via"];
  readonly session: Session;
}

export interface Conduct extends DistributionOptions {
  readonly command: DeployReport["command"];
  readonly transfer: Transfer;
  readonly release: LoadableRelease;
  readonly hosts: readonly TargetHost[];
  readonly waves: readonly WaveSize[];
  readonly origins: readonly string[] | undefined;
  readonly renew: boolean;
  readonly anew: boolean;
  readonly startedAt: Date;
  onLoaded(): Promise<void>;
  /** When enough hosts have the release; answers the names of those that went. */
  finish(): Promise<readonly string[]>;
}

/** The report, and what ended it early; a report is there in either case. */
export interface Conclusion {
  readonly report: DeployReport;
  readonly error: Error | undefined;
}

export async function conduct(crew: Crew, plan: Conduct): Promise<Conclusion> {
  const { client, via, session } = crew;
  const { transfer, hosts, minShare, startedAt, command } = plan;
  const waves = planWaves(plan.waves, hosts);
  const racks = await locateRacks(client, hosts);
  const view = createDeployView({ terminal: session.terminal, name: transfer.name, racks });
  const distribution = createDistribution({
    ...plan,
    ...crew,
    waves,
    signal: session.signal,
    onLook: view.show,
    onTrackerAway: view.trackerAway,
  });
  const conclude = (removed: readonly string[], error?: Error): Conclusion => {
    const sources = { command, via, transfer, waves, distribution, racks, minShare, startedAt, removed };
    return {
      report: reportDeploy({ ...sources, error: error === undefined ? undefined : toldError(error, session.signal) }),
      error,
    };
  };
  try {
    await distribution.run();
    const isDone = conclude([]).report.outcome === "done";
    return conclude(isDone ? await plan.finish() : []);
  } catch (error) {
    return conclude([], error instanceof Error ? error : new Error(String(error)));
  } finally {
    view.close();
  }
}

/** For the view and the report alone: a place that cannot be had is none. */
export async function locateRacks(
  client: Pick<TrackerClient, "locate">,
  hosts: readonly TargetHost[],
): Promise<ReadonlyMap<string, string | null>> {
  const places = await inTurn(hosts, async ({ address }) => {
    const answer = await client.locate(address).catch(() => undefined);
    return [address, answer?.path?.join("/") ?? null] as const;
  });
  return new Map(places);
}
