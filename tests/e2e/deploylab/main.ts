// `npm run deploylab`: whole deploys to machines in namespaces, told story by story.
import { mayRunLab } from "../netlab/lab.ts";
import { type LabOptions, readOptions, USAGE, UsageError } from "./options.ts";
import { prepareHosts, type Via } from "./preparing.ts";
import { createStage } from "./stage.ts";
import { DEFECTS } from "./stories.ts";
import { createWorld, disksFor, type World } from "./world.ts";

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
    if (!mayRunLab()) throw new UsageError("the deploylab makes namespaces: run it as root (sudo npm run deploylab)");
    return await runAll(options);
  } catch (error) {
    console.error(error instanceof UsageError ? `${error.message}\n\n${USAGE}` : error);
    return error instanceof UsageError ? EXIT_USAGE : EXIT_FAILED;
  }
}

async function runAll(options: LabOptions): Promise<number> {
  const interruption = Promise.withResolvers<"interrupted">();
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => interruption.resolve("interrupted"));
  for (const via of options.via) {
    const { shape } = options;
    const world = await createWorld({ shape, label: via, diskMiB: disksFor(shape), ...DEFECTS });
    try {
      const ended = await Promise.race([tell(options, world, via), interruption.promise]);
      if (ended === "interrupted") {
        console.error("interrupted; the lab is removed");
        return EXIT_INTERRUPTED;
      }
    } finally {
      await world.close();
    }
  }
  return 0;
}

async function tell({ shape, waves, setUpEach, stories }: LabOptions, world: World, via: Via): Promise<void> {
  await timed(`${via} · hosts set up`, () => prepareHosts(world, via, setUpEach));
  const stage = createStage({ world, via, waves, sizeMiB: shape.payloadMiB });
  for (const story of stories) await timed(`${via} · ${story.name}`, () => story.run(stage));
}

async function timed(what: string, act: () => Promise<string | void>): Promise<void> {
  const begunAt = performance.now();
  const came = await act();
  const seconds = ((performance.now() - begunAt) / 1000).toFixed(1);
  console.log(`${what}: ${seconds} s${came === undefined ? "" : `; ${came}`}`);
}
