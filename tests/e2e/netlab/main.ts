// `npm run netlab`: runs scenarios against trackers in network namespaces and prints one table of what they cost.
import { createLab, mayRunLab, type Lab } from "./lab.ts";
import { readOptions, USAGE, UsageError, type LabOptions } from "./options.ts";
import { printRun, printTable, printTimeline } from "./report.ts";
import type { RunOutcome } from "./run-outcome.ts";

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
const EXIT_INTERRUPTED = 130;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--help")) {
    console.log(USAGE);
    return 0;
  }
  try {
    const options = readOptions(args);
    if (!mayRunLab()) throw new UsageError("the netlab makes network namespaces: run it as root (sudo npm run netlab)");
    return await runAll(options);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\n\n${USAGE}`);
    return EXIT_USAGE;
  }
}

async function runAll(options: LabOptions): Promise<number> {
  const lab = await createLab();
  let interrupted = false;
  const interrupt = (): void => {
    interrupted = true;
    lab.abort();
  };
  process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
  try {
    const outcomes = await interleaved(lab, options);
    console.log(options.json ? JSON.stringify(outcomes, undefined, 2) : printTable(outcomes));
    return outcomes.every((outcome) => outcome.makespanSeconds !== undefined) ? 0 : EXIT_FAILED;
  } catch (error) {
    if (!interrupted) throw error;
    console.error("interrupted; the lab is removed");
    return EXIT_INTERRUPTED;
  } finally {
    await lab.close();
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  }
}

/** Trackers take turns, so that a machine that gets slower or faster is so for all of them. */
async function interleaved(lab: Lab, options: LabOptions): Promise<RunOutcome[]> {
  const outcomes: RunOutcome[] = [];
  for (const scenario of options.scenarios) {
    for (let run = 0; run < options.runs; run += 1) {
      for (const tracker of options.trackers) {
        const { shape, announceEverySeconds, tellLinks, trace: keepLog } = options;
        const outcome = await lab.run({ scenario, tracker, shape, announceEverySeconds, tellLinks, keepLog });
        outcomes.push(outcome);
        console.error(printRun(outcome));
        if (options.trace) console.error(`${printTimeline(outcome)}\ntracker's log: ${outcome.trackerLog}`);
      }
    }
  }
  return outcomes;
}
