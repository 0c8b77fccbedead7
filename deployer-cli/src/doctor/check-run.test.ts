import { describe, expect, it } from "vitest";
import { CommandError } from "../errors.ts";
import { columnsOf } from "../output/terminal.ts";
import { GOLDEN_PAPERS, type GoldenPaper, printed } from "../output/paper.ts";
import { type Check, type CheckResult, failed, ok, skipped, unlessAway, warning } from "./check.ts";
import { runChecks } from "./check-run.ts";
import { printResults } from "./doctor-report.ts";

const quiet = () => ({ signal: new AbortController().signal, onDone: () => undefined });

describe("checks", () => {
  it("run side by side, in their order, and one that breaks is a finding with the error's remedy", async () => {
    const waits: (() => void)[] = [];
    const meeting = (name: string): Check => ({
      name,
      run: async () => {
        // Ends only once the other has begun.
        await new Promise<void>((resolve) => {
          waits.push(resolve);
          if (waits.length === 2) for (const wake of waits) wake();
        });
        return ok(name);
      },
    });
    const broken: Check = {
      name: "broken",
      run: () => Promise.reject(new CommandError("RTORRENT_UNREACHABLE", "nobody answers\nStart it.")),
    };
    const results = await runChecks([meeting("one"), broken, meeting("two")], quiet());
    expect(results).toMatchObject([
      { check: "one", status: "ok" },
      { check: "broken", status: "failed", seen: "nobody answers", remedy: "Start it." },
      { check: "two", status: "ok" },
    ]);
  });

  it("that cannot say anything while something is away are skipped, and it is asked for once", async () => {
    let asked = 0;
    const isThere = async () => ++asked > 99;
    const inner = ["a", "b"].map((name) => ({ name, run: async () => ok("reached") }));
    const results = await runChecks(unlessAway("the tracker", isThere, inner), quiet());
    expect(results.map(({ status, seen }) => `${status} ${seen}`)).toEqual(
      Array(2).fill("skipped the tracker does not answer"),
    );
    expect(asked).toBe(1);
  });

  it("end with the interruption", async () => {
    const interruption = new AbortController();
    const hanging: Check = { name: "hanging", run: () => new Promise(() => undefined) };
    const running = runChecks([hanging], { signal: interruption.signal, onDone: () => undefined });
    interruption.abort(new CommandError("INTERRUPTED", "Interrupted."));
    await expect(running).rejects.toThrow("Interrupted.");
  });
});

const RESULTS: readonly CheckResult[] = [
  { check: "tracker: ready", ...ok("http://tracker.example:6969 is ready: registry, store"), seconds: 0.1 },
  {
    check: "tracker: clock",
    ...warning("the tracker's clock is 3.5 s ahead", "Let both keep time by NTP."),
    seconds: 0.1,
  },
  {
    check: "client: discovery",
    ...failed(
      "it uses PEX (protocol.pex.set = no), DHT, which is auto (dht.mode.set = disable)",
      "Use the configuration of: rackcast config render rtorrent",
    ),
    seconds: 0.2,
  },
  { check: "client: open files", ...skipped("the limits of rtorrent cannot be read here"), seconds: 0 },
];

describe.each(Object.keys(GOLDEN_PAPERS) as GoldenPaper[])("findings on paper of %s columns", (paper) => {
  it("are printed as the golden file has them", async () => {
    const text = printed(paper, (terminal) =>
      terminal.print(printResults(RESULTS, { columns: columnsOf(terminal.stdout), colors: terminal.colors })),
    );
    // To accept a change that is meant: vitest run deployer-cli/src/doctor --update
    await expect(text).toMatchFileSnapshot(`../../golden/doctor.${paper}.txt`);
  });
});
