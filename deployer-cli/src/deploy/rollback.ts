// `rackcast rollback`: hosts go back to the release before, which they still have.
import type { TargetHost } from "../distribution/driver.ts";
import { CommandError } from "../errors.ts";
import { chooseTransfer } from "../api/transfer-lookup.ts";
import type { Transfer } from "../api/resources.ts";
import { type Conclusion, conduct, type Crew } from "./conducting.ts";
import type { DistributionOptions } from "./distribution-run.ts";
import { fetchRelease } from "./loadable-release.ts";
import { noteFailures } from "./pruning.ts";
import { openReleaseFolder } from "./release-folder.ts";
import { isOvertaken, previousRelease } from "./release-history.ts";
import type { WaveSize } from "./waves.ts";

export interface RollbackOptions extends DistributionOptions {
  /** The release to leave. */
  readonly leave: string;
  /** The one to go back to; default: the last one before that is active. */
  readonly to: string | undefined;
  /** Chooses the hosts, by those that the release to leave was for. */
  hostsOf(left: Transfer): Promise<readonly TargetHost[]>;
  readonly waves: readonly WaveSize[];
}

/** Safe to repeat. The release that is left goes out of service once the hosts are back. */
export async function rollback(options: RollbackOptions, crew: Crew): Promise<Conclusion> {
  const startedAt = new Date();
  const { client, driver, session } = crew;
  await driver.check();
  const transfers = await client.list();
  const left = chooseTransfer(transfers, options.leave);
  const transfer = options.to === undefined ? previousRelease(transfers, left) : chooseTransfer(transfers, options.to);
  refuseUnfit(left, transfer);
  const hosts = await options.hostsOf(left);
  session.terminal.note(`Rolling back from ${left.name} to ${transfer.name}`);
  const folder = await openReleaseFolder(session.env, transfer.infoHash);
  try {
    return await conduct(crew, {
      ...options,
      command: "rollback",
      hosts,
      transfer,
      release: await fetchRelease(client, transfer, folder.path),
      origins: undefined,
      renew: isOvertaken(transfers, transfer),
      anew: false,
      startedAt,
      onLoaded: async () => undefined,
      finish: () => takeOff(left, hosts, crew),
    });
  } finally {
    await folder.close();
  }
}

function refuseUnfit(left: Transfer, transfer: Transfer): void {
  if (left.infoHash === transfer.infoHash) {
    throw new CommandError("USAGE", `${left.name} is the release to leave; give --to with another.`);
  }
  if (transfer.series !== left.series) {
    throw new CommandError(
      "USAGE",
      `${transfer.name} is no release of ${left.series}, as ${left.name} is; give --to with one that is.`,
    );
  }
  if (transfer.state !== "active") {
    const message = `${transfer.name} is ${transfer.state}, so hosts may have lost it; deploy it from its files`;
    throw new CommandError("ROLLBACK_IMPOSSIBLE", `${message}: rackcast deploy <path> --name ${transfer.name}`);
  }
}

async function takeOff(
  left: Transfer,
  hosts: readonly TargetHost[],
  { client, driver, session }: Crew,
): Promise<readonly string[]> {
  const failures = (await driver.remove?.([left], hosts)) ?? [];
  noteFailures(failures, session.terminal);
  await client.deactivate(left.infoHash);
  return [left.name];
}
