// What happens to a fleet, told in order: each story goes on where the one before it ended.
import assert from "node:assert/strict";
import { open } from "node:fs/promises";
import type { HostFailureCode } from "../../../deployer-cli/src/distribution/driver.ts";
import type { Transfer } from "../../../deployer-cli/src/api/resources.ts";
import {
  addressed,
  assertCurrent,
  begun,
  complete,
  failureOf,
  finished,
  type Finished,
  hostsIn,
  largeFileOn,
  said,
  signalAgent,
  type Stage,
} from "./stage.ts";
import { succeeded, type Via } from "./preparing.ts";

export interface Story {
  readonly name: string;
  /** As the name of a test. */
  readonly tells: string;
  /** Throws when something was not as it should be. Answers what it came to, in a few words. */
  run(stage: Stage): Promise<string>;
}

const WAVE_SECONDS: Readonly<Record<Via, number>> = { ansible: 100, pull: 15 };
const WAVE_SECONDS_PER_MIB = 0.15;
const FIRST = "web-1";
const SECOND = "web-2";
const THIRD = "web-3";
const CORRUPTED = "r2h2";
const STRUCK = "r2h3";
const DOWN_CODE: Readonly<Record<Via, HostFailureCode>> = { ansible: "UNREACHABLE", pull: "TIMED_OUT" };

/** Stories of a small lab, whose narrow and missing hosts are named in `DEFECTS`. */
export const DEFECTS = { down: ["r3h4"], narrow: ["r3h3"] } as const;

export const STORIES: readonly Story[] = [
  {
    name: "first-release",
    tells: "reaches every sound host wave by wave, and names the host that is down and the one whose disk is full",
    run: firstRelease,
  },
  {
    name: "refused",
    tells: "changes nothing when the tracker refuses the token",
    run: refused,
  },
  {
    name: "killed",
    tells: "goes on after a kill -9, with one transfer, and names a host whose file went bad on its disk",
    run: killed,
  },
  { name: "mended", tells: "mends the bad file at the next deploy", run: mended },
  { name: "rollback", tells: "goes back to the release before", run: rollback },
];

/** Beside them, those that take too long for the tests. */
export const ALL_STORIES: readonly Story[] = [
  ...STORIES,
  { name: "struck", tells: "reaches all others when a host dies while it is told of the release", run: struck },
];

async function firstRelease(stage: Stage): Promise<string> {
  const { world, via } = stage;
  const release = await stage.release(FIRST);
  // Hosts that pull are known to be down by their silence alone.
  const waveSeconds = WAVE_SECONDS[via] + stage.sizeMiB * WAVE_SECONDS_PER_MIB;
  const timeout = Math.ceil(waveSeconds * stage.waves.split(",").length);
  const ended = await finished(stage.deploy(release, "web", "--waves", stage.waves, "--timeout", `${timeout}s`));
  const { report } = ended;
  assert.equal(ended.code, 1, ended.stderr);
  assert.equal(report.outcome, "failed");
  assert.deepEqual(report.totals, { targets: 12, verified: 10, failed: 2, pending: 0 });
  const states = report.waves.map(({ state }) => state);
  assert.deepEqual(states, [...states.slice(1).map(() => "done"), "failed"]);
  assert.deepEqual(
    hostsIn(report, "verified"),
    world.sound.map(({ name }) => name),
  );
  assert.equal(failureOf(report, "r3h4")?.code, DOWN_CODE[via]);
  assert.equal(failureOf(report, "r3h3")?.code, "DISK_FULL");
  assert.match(failureOf(report, "r3h3")?.message ?? "", /\d/);
  await assertCurrent(stage, release, world.sound);
  return came(ended);
}

async function refused(stage: Stage): Promise<string> {
  const { world, via } = stage;
  const before = await transfers(stage);
  const release = await stage.release(SECOND);
  const options = [
    "--name",
    release.name,
    "--targets",
    "sound",
    "--via",
    via,
    "--inventory",
    world.inventory,
    "--json",
  ];
  const ended = await world.rackcast(["deploy", release.path, ...options], { RACKCAST_TOKEN: "of-yesterday" }).outcome;
  assert.equal(ended.code, 1, ended.stderr);
  assert.match(ended.stderr, /RACKCAST_TOKEN/);
  assert.deepEqual(await transfers(stage), before);
  return `exit ${ended.code}: ${/^rackcast: (.*)$/m.exec(ended.stderr)?.[1] ?? ""}`;
}

async function killed(stage: Stage): Promise<string> {
  const { world } = stage;
  const release = await stage.release(SECOND);
  const first = stage.deploy(release, "sound");
  await begun(stage, { release, host: CORRUPTED, deploy: first });
  await signalAgent(stage, CORRUPTED, "STOP");
  first.process.kill("SIGKILL");
  await first.outcome;

  const second = stage.deploy(release, "sound");
  // What a host reported before a deploy looks is no failure of that deploy.
  await said(second, /wave 1 of 1/);
  await complete(stage, release, CORRUPTED);
  // Before Ansible, which the deploy starts only now, reads it.
  await corrupt(largeFileOn(stage, release, CORRUPTED));
  await signalAgent(stage, CORRUPTED, "CONT");
  const ended = await finished(second);
  assert.equal((await transfers(stage)).filter(({ name }) => name === release.name).length, 1);
  assert.equal(ended.code, 1, ended.stderr);
  assert.deepEqual(hostsIn(ended.report, "failed"), [CORRUPTED]);
  assert.equal(failureOf(ended.report, CORRUPTED)?.code, "CORRUPT");
  assert.match(failureOf(ended.report, CORRUPTED)?.message ?? "", /bin\/server/);
  await assertCurrent(
    stage,
    release,
    world.sound.filter(({ name }) => name !== CORRUPTED),
  );
  return came(ended);
}

async function mended(stage: Stage): Promise<string> {
  const release = await stage.release(SECOND);
  const ended = await finished(stage.deploy(release, "sound"));
  assert.equal(ended.code, 0, ended.stderr);
  assert.equal(ended.report.totals.verified, stage.world.sound.length);
  await assertCurrent(stage, release, stage.world.sound);
  return came(ended);
}

async function rollback(stage: Stage): Promise<string> {
  const ended = await finished(stage.rollback(SECOND));
  assert.equal(ended.code, 0, ended.stderr);
  assert.equal(ended.report.release.name, FIRST);
  assert.equal(ended.report.totals.verified, stage.world.sound.length);
  await assertCurrent(stage, await stage.release(FIRST), stage.world.sound);
  return came(ended);
}

async function struck(stage: Stage): Promise<string> {
  const { sound } = stage.world;
  const release = await stage.release(THIRD);
  const deploy = stage.deploy(release, "sound");
  await addressed(stage, { release, host: STRUCK, deploy });
  await stage.world.machine(STRUCK).kill();
  const ended = await finished(deploy);
  assert.deepEqual(hostsIn(ended.report, "failed"), [STRUCK]);
  assert.equal(failureOf(ended.report, STRUCK)?.code, DOWN_CODE[stage.via]);
  await assertCurrent(
    stage,
    release,
    sound.filter(({ name }) => name !== STRUCK),
  );
  return came(ended);
}

async function transfers({ world }: Stage): Promise<readonly Transfer[]> {
  const { stdout } = await succeeded(world.rackcast(["list", "--json"]));
  return (JSON.parse(stdout) as { transfers: readonly Transfer[] }).transfers;
}

async function corrupt(file: string): Promise<void> {
  const opened = await open(file, "r+");
  await opened.write(Buffer.from("not what was built"), 0, undefined, 4096);
  await opened.close();
}

function came({ report }: Finished): string {
  const { verified, targets } = report.totals;
  const waves = report.waves.map(({ seconds }) => `${seconds.toFixed(1)} s`).join(", ");
  return `exit ${report.exitCode}: ${verified} of ${targets} hosts in ${report.seconds.toFixed(1)} s (waves ${waves})`;
}
