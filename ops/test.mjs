// Runs every test, says what was skipped and why, leaves nothing behind, and ends with the totals on the last line.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, relative } from "node:path";

const root = join(import.meta.dirname, "..");
// Every process of the run carries this in its environment, so that those left behind are found whatever group or session they are in.
const RUN_MARK = `RACKCAST_TEST_RUN=${process.pid}-${Date.now()}`;
const SETTLE_MS = 2000;

const scratch = mkdtempSync(join(tmpdir(), "rackcast-test-"));
const namespacesBefore = listNamespaces();
const exitCode = await runVitest(join(scratch, "report.json"));
const totals = readTotals(join(scratch, "report.json"));
rmSync(scratch, { recursive: true, force: true });

reportSkipped(totals.skipped);
const faults = [
  ...(await findLeftProcesses()).map((name) => `a test left a process running: ${name}`),
  ...listNamespaces()
    .filter((name) => !namespacesBefore.includes(name))
    .map((name) => `a test left the network namespace ${name}; remove it: ip netns delete ${name}`),
];
if (totals.passed + totals.failed === 0) faults.push("no test ran");
if (exitCode !== 0 && totals.failed === 0)
  faults.push(`vitest ended with code ${exitCode} though no test failed; see above`);
for (const fault of faults) console.log(`test: ${fault}`);

const skipped = totals.skipped.length > 0 ? `, ${totals.skipped.length} skipped` : "";
console.log(`${totals.passed} passed, ${totals.failed + faults.length} failed${skipped}`);
process.exitCode = exitCode !== 0 || faults.length > 0 ? 1 : 0;

function runVitest(reportFile) {
  const [name, value] = RUN_MARK.split("=");
  const bin = join(root, "node_modules/.bin");
  const child = spawn(
    join(bin, "vitest"),
    ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${reportFile}`, ...process.argv.slice(2)],
    {
      cwd: root,
      stdio: "inherit",
      env: {
        ...process.env,
        PATH: bin + delimiter + process.env.PATH,
        // The tracker is started some hundred times: that takes half as long when its types are stripped already.
        NODE_COMPILE_CACHE: join(scratch, "compile-cache"),
        [name]: value,
      },
    },
  );
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => resolve(code ?? 1));
  });
}

/** A test file that failed to load holds no test results; it counts as one failure. */
function readTotals(reportFile) {
  const totals = { passed: 0, failed: 0, skipped: [] };
  for (const file of readReport(reportFile).testResults) {
    const failedToLoad = file.status === "failed" && file.assertionResults.every(({ status }) => status !== "failed");
    if (failedToLoad) totals.failed++;
    for (const test of file.assertionResults) {
      if (test.status === "passed") totals.passed++;
      else if (test.status === "failed") totals.failed++;
      else totals.skipped.push({ file: relative(root, file.name), ...test });
    }
  }
  return totals;
}

function readReport(reportFile) {
  try {
    return JSON.parse(readFileSync(reportFile, "utf8"));
  } catch {
    return { testResults: [] };
  }
}

function reportSkipped(skipped) {
  if (skipped.length === 0) return;
  console.log(`\n${skipped.length} tests were skipped:`);
  for (const { file, fullName } of skipped) console.log(`  ${file}: ${fullName}`);
  if (process.getuid?.() !== 0) {
    console.log("  Tests that need network namespaces run for root only; to run them too: sudo -E npm test");
  }
  console.log();
}

/** Gives what is ending a moment, then ends what is left, so that the next run starts clean. */
async function findLeftProcesses() {
  const deadline = Date.now() + SETTLE_MS;
  while (markedProcesses().length > 0 && Date.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 100));
  return markedProcesses().map(({ pid, command }) => {
    process.kill(pid, "SIGKILL");
    return `${command} (pid ${pid}, now killed)`;
  });
}

function markedProcesses() {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .filter((pid) => readProcess(pid, "environ").split("\0").includes(RUN_MARK) && isAlive(pid))
    .map((pid) => ({ pid: Number(pid), command: readProcess(pid, "cmdline").split("\0").join(" ").trim() }));
}

function isAlive(pid) {
  return !/^State:\s+[ZX]/m.test(readProcess(pid, "status"));
}

/** Empty for a process that is gone or not ours. */
function readProcess(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "latin1");
  } catch {
    return "";
  }
}

/** The network namespaces that tests make, by their names. */
function listNamespaces() {
  const { stdout } = spawnSync("ip", ["netns", "list"], { encoding: "utf8" });
  return (stdout ?? "")
    .split("\n")
    .map((line) => line.split(" ")[0])
    .filter((name) => name.startsWith("rc"));
}
