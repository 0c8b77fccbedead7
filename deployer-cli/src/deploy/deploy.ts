// `rackcast deploy` from the payload to the last host: build, publish, seed, activate, distribute, wait.
import type { Transfer } from "../api/resources.ts";
import type { TargetHost } from "../distribution/driver.ts";
import { CommandError } from "../errors.ts";
import { payloadNotices } from "../output/notices.ts";
import { createProgress } from "../output/progress.ts";
import { publish } from "../publishing.ts";
import { type Payload, scanPayload } from "../torrent/payload.ts";
import { type Conclusion, conduct, type Crew } from "./conducting.ts";
import type { DistributionOptions } from "./distribution-run.ts";
import { fetchRelease } from "./loadable-release.ts";
import { type OriginOptions, startOrigin } from "./origin.ts";
import { noteFailures, pruneSeries } from "./pruning.ts";
import { openReleaseFolder } from "./release-folder.ts";
import { isOvertaken } from "./release-history.ts";
import { checkReleaseName } from "./release-name.ts";
import { readSigningKey } from "../torrent/signing.ts";
import type { WaveSize } from "./waves.ts";

export interface DeployOptions extends DistributionOptions {
  readonly path: string;
  /** Default: the path's last part. */
  readonly name: string | undefined;
  readonly announceUrl: string | undefined;
  readonly pieceLengthBytes: number | undefined;
  /** PEM of a private Ed25519 key. */
  readonly signKeyFile: string | undefined;
  readonly hosts: readonly TargetHost[];
  readonly waves: readonly WaveSize[];
  readonly origin: OriginOptions;
  /** Active releases of the series that stay; undefined keeps all. */
  readonly keep: number | undefined;
}

/** Safe to repeat: what is registered, loaded or verified already is left as it is. Throws before anything is changed, or concludes. */
export async function deploy(options: DeployOptions, crew: Crew): Promise<Conclusion> {
  const startedAt = new Date();
  const { client, driver, session } = crew;
  await driver.check();
  const payload = await scanPayload(options.path, session.signal);
  const transfer = await publishRelease(options, payload, crew);
  const folder = await openReleaseFolder(session.env, transfer.infoHash);
  try {
    const release = await fetchRelease(client, transfer, folder.path);
    if (options.signKeyFile !== undefined && !release.signatureFile) throw unsigned(transfer);
    const origin = await startOrigin(options.origin, { ...release, root: payload.root }, folder.path);
    session.terminal.note(origin.seeder ? `Seeding from ${origin.seeder}` : `Seeded by ${origin.addresses.join(" ")}`);
    try {
      return await conduct(crew, {
        ...options,
        command: "deploy",
        transfer,
        release,
        origins: origin.addresses,
        renew: isOvertaken(await client.list(), transfer),
        anew: origin.isNew && transfer.state === "active",
        startedAt,
        onLoaded: origin.start,
        finish: () => prune(options, transfer, crew),
      });
    } finally {
      await origin.close();
    }
  } finally {
    await folder.close();
  }
}

async function publishRelease(options: DeployOptions, payload: Payload, { client, session }: Crew): Promise<Transfer> {
  const { path, signKeyFile, announceUrl, pieceLengthBytes } = options;
  const { terminal, signal } = session;
  const name = checkReleaseName(options.name ?? payload.name);
  const signKey = signKeyFile === undefined ? undefined : await readSigningKey(signKeyFile);
  terminal.note(`Building ${name} from ${path}`);
  const progress = createProgress(terminal.stderr, "Hashing");
  const { transfer } = await publish({
    client,
    path,
    payload,
    name,
    announceUrl,
    pieceLengthBytes,
    signKey,
    signal,
    onProgress: progress.update,
  }).finally(progress.close);
  for (const notice of payloadNotices(payload)) terminal.note(notice);
  return transfer;
}

function unsigned({ name }: Transfer): CommandError {
  const remedy = `take it out of service (rackcast deactivate ${name}), then deploy it again`;
  return new CommandError(
    "NAME_TAKEN",
    `${name} was published before without a signature, and hosts get that; ${remedy}.`,
  );
}

async function prune(
  { keep, hosts }: DeployOptions,
  { series }: Transfer,
  { client, driver, session }: Crew,
): Promise<readonly string[]> {
  if (keep === undefined) return [];
  const { removed, failures } = await pruneSeries({ client, driver, hosts, series, keep });
  noteFailures(failures, session.terminal);
  return removed.map(({ name }) => name);
}
