// `rackcast demo`: a tracker, racks of real clients and a release that reaches all of them, on this machine.
import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTrackerClient } from "../api/tracker-client.ts";
import { CommandError } from "../errors.ts";
import { formatBytes } from "../output/units.ts";
import { publish, type Publication } from "../publishing.ts";
import type { SupervisedChild } from "../rtorrent/supervised-child.ts";
import type { Session } from "../session.ts";
import { scanPayload } from "../torrent/payload.ts";
import { type Cleanup, createCleanup } from "./cleanup.ts";
import { type DemoClient, startDemoClient } from "./demo-client.ts";
import { copyPayload, makeSample, refuseFullDisk } from "./demo-payload.ts";
import {
  type DemoHost,
  type DemoPlan,
  type DemoSpeeds,
  demoSpeeds,
  planDemo,
  uplinkLimits,
  uplinkSeconds,
} from "./demo-plan.ts";
import { createDemoProgress } from "./demo-progress.ts";
import { type DemoReport, type HostOutcome, printReport, reportDemo } from "./demo-report.ts";
import { startDemoTracker } from "./demo-tracker.ts";
import { wrongFiles } from "../torrent/payload-verification.ts";
import { watchHosts } from "./demo-watch.ts";
import { createSourceLedger } from "./source-ledger.ts";

export interface DemoOptions {
  /** A file or folder to deploy; left out, a sample is made. */
  readonly path?: string | undefined;
  /** Of the sample. */
  readonly sizeBytes: number;
  readonly racks: number;
  /** In each rack. */
  readonly hosts: number;
  /** Leaves the folder with payloads, configurations and logs; processes end all the same. */
  readonly keep?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/** What a demo run has at hand from its first step to its last. */
interface Stage {
  readonly options: DemoOptions;
  readonly session: Session;
  readonly plan: DemoPlan;
  readonly folder: string;
  readonly cleanup: Cleanup;
}

/** The announces' pace, known to the tracker and to every client alike. */
const ANNOUNCE_EVERY_SECONDS = 2;
const SMALLEST_SAMPLE_BYTES = 2 ** 20;
/** A run is given up after as many times what one copy takes into a rack, and some more. */
const PATIENCE_TIMES = 10;
const PATIENCE_SECONDS = 60;

/** Prints the report. Throws a CommandError when anything fails or any file is wrong; nothing is left running. */
export async function runDemo(options: DemoOptions, session: Session): Promise<void> {
  const plan = planDemo(options);
  refuseOptions(options);
  const cleanup = createCleanup();
  try {
    const folder = await makeFolder(options, session, cleanup);
    const report = await deploy({ options, session, plan, folder, cleanup });
    const { terminal } = session;
    if (options.json) terminal.printJson(report);
    else terminal.print(printReport(report, terminal.colors));
    refuseWrong(report);
  } finally {
    await cleanup.run();
  }
}

function refuseOptions({ path, sizeBytes }: DemoOptions): void {
  if (path?.endsWith(".torrent")) {
    throw new CommandError("USAGE", `The demo deploys the files themselves; give their path instead of ${path}.`);
  }
  if (path === undefined && sizeBytes < SMALLEST_SAMPLE_BYTES) {
    throw new CommandError("USAGE", `--size must be at least ${formatBytes(SMALLEST_SAMPLE_BYTES)}.`);
  }
}

async function makeFolder({ keep }: DemoOptions, { terminal }: Session, cleanup: Cleanup): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "rackcast-demo-"));
  const undo = async () => {
    if (keep) terminal.note(`Kept: ${folder}`);
    else await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  cleanup.add({ undo, undoNow: () => keep || rmSync(folder, { recursive: true, force: true, maxRetries: 3 }) });
  return folder;
}

async function deploy(stage: Stage): Promise<DemoReport> {
  const { options, session, plan, folder, cleanup } = stage;
  const { signal, terminal } = session;
  const path = options.path ?? (await makeSample(join(folder, "source"), options.sizeBytes, signal));
  const { lengthBytes } = await scanPayload(path, signal);
  await refuseFullDisk(folder, lengthBytes * (plan.hosts.length + 1));
  const speeds = demoSpeeds(lengthBytes, plan.racks.length);

  terminal.note(`Starting a tracker, an origin and ${plan.hosts.length} hosts in ${plan.racks.length} racks`);
  const tracker = await startDemoTracker({
    folder: join(folder, "tracker"),
    topology: plan.topology,
    speeds,
    announceEverySeconds: ANNOUNCE_EVERY_SECONDS,
    debug: Boolean(session.env["DEBUG"]),
    signal,
    onStarted: (child) => cleanup.add(stopping([child])),
  });
  const [origin, clients] = await startClients(stage, speeds);

  terminal.note(`Publishing ${path} (${formatBytes(lengthBytes)}) at ${tracker.url}`);
  const publication = await publish({
    client: createTrackerClient({ url: tracker.url, token: undefined, signal }),
    path,
    activation: { origins: [plan.origin.address], targets: plan.hosts.map(({ address }) => address) },
    torrentFile: join(folder, "demo.torrent"),
    signal,
  });
  await seed(stage, path, origin, publication);
  return await distribute(stage, { clients, publication, speeds, trackerUrl: tracker.url });
}

async function startClients(stage: Stage, speeds: DemoSpeeds): Promise<[DemoClient, DemoClient[]]> {
  const { plan, folder, cleanup, session } = stage;
  const start = async (host: DemoHost): Promise<DemoClient> => {
    session.signal.throwIfAborted();
    const uploadLimits = uplinkLimits(host, plan, speeds.uplinkMbps);
    const announceEverySeconds = ANNOUNCE_EVERY_SECONDS;
    const onStarted = (child: SupervisedChild) => cleanup.add(stopping([child]));
    return startDemoClient({
      host,
      folder,
      receiveMbps: speeds.receiveMbps,
      uploadLimits,
      announceEverySeconds,
      onStarted,
    });
  };
  const origin = await start(plan.origin);
  const clients: DemoClient[] = [];
  for (const host of plan.hosts) clients.push(await start(host));
  return [origin, clients];
}

function stopping(children: readonly SupervisedChild[]) {
  return {
    undo: () => Promise.all(children.map((child) => child.stop())),
    undoNow: () => children.forEach((child) => void child.kill()),
  };
}

async function seed({ folder }: Stage, path: string, origin: DemoClient, publication: Publication): Promise<void> {
  const { name, infoHash } = publication.torrent;
  await copyPayload(path, join(origin.payloads, name));
  await origin.rtorrent.control.seed(join(folder, "demo.torrent"), { directory: origin.payloads, infoHash });
}

interface Distribution {
  readonly clients: readonly DemoClient[];
  readonly publication: Publication;
  readonly speeds: DemoSpeeds;
  readonly trackerUrl: string;
}

async function distribute({ plan, session }: Stage, distribution: Distribution): Promise<DemoReport> {
  const { clients, publication, speeds, trackerUrl } = distribution;
  const { signal, terminal } = session;
  const { torrent } = publication;
  const { infoHash, lengthBytes, name } = torrent;
  const ledger = createSourceLedger();
  const url = `${trackerUrl}/transfers/${infoHash}/torrent`;
  await Promise.all(clients.map(({ rtorrent }) => rtorrent.control.load(url, { start: true })));
  const seconds = await watchHosts({
    clients,
    infoHash,
    ledger,
    timeoutSeconds: PATIENCE_SECONDS + PATIENCE_TIMES * uplinkSeconds(lengthBytes, speeds),
    signal,
    onLook: createDemoProgress(terminal.stderr, lengthBytes),
  });

  terminal.note("Verifying the files of every host");
  const outcomes: HostOutcome[] = [];
  for (const { host, payloads } of clients) {
    const wrong = await wrongFiles(torrent, payloads, signal);
    for (const path of wrong) terminal.note(`${host.address}: ${path} is not what the source has`);
    outcomes.push({ host, seconds: seconds.get(host.address) ?? 0, verified: wrong.length === 0 });
  }
  return reportDemo({ plan, payload: { name, infoHash, lengthBytes }, speeds, outcomes, ledger });
}

function refuseWrong({ hosts }: DemoReport): void {
  const wrong = hosts.filter(({ verified }) => !verified).map(({ address }) => address);
  if (wrong.length === 0) return;
  const message = `Files at ${wrong.join(", ")} are not what the source has.`;
  throw new CommandError("PAYLOAD_CHANGED", `${message}\nRun again with --keep to compare them, and check the disk.`);
}
