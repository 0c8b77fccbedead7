// A deploy's outcome as JUnit XML, which CI servers show host by host: a suite a wave, a case a host.
import { printElement, printTextElement } from "../output/xml-element.ts";
import type { DeployReport, HostOutcome, WaveOutcome } from "./deploy-report.ts";

/** Why a case did not pass. A `failure` makes the CI server's test report red, `skipped` does not. */
interface Shortfall {
  readonly element: "failure" | "skipped";
  readonly type: string;
  readonly message: string;
}

interface HostCase {
  readonly host: HostOutcome;
  readonly shortfall: Shortfall | undefined;
}

export function printJunit(report: DeployReport): string {
  const suites = report.waves.map((wave) => ({ wave, cases: casesOf(wave, report) }));
  const { tests, failures, errors } = count(suites.flatMap(({ cases }) => cases));
  const name = `${report.command} ${report.release.name}`;
  const root = printElement(
    "testsuites",
    { name, tests, failures, errors, time: decimal(report.seconds) },
    suites.map(({ wave, cases }) => printSuite(wave, cases, report.startedAt)),
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`;
}

function casesOf(wave: WaveOutcome, { hosts, outcome }: DeployReport): HostCase[] {
  return hosts
    .filter((host) => host.wave === wave.index)
    .map((host) => ({ host, shortfall: shortfallOf(host, wave, outcome) }));
}

function shortfallOf(
  { state, code, message }: HostOutcome,
  wave: WaveOutcome,
  outcome: DeployReport["outcome"],
): Shortfall | undefined {
  if (state === "verified") return undefined;
  if (state === "failed") return failure(code ?? "FAILED", message ?? "The host failed and did not say why.");
  if (wave.state === "skipped") return pending("The deploy ended before the host's wave.");
  if (wave.state === "done") return pending("The wave had enough hosts without this one; it may still be fetching.");
  if (outcome !== "timed-out") return pending("The deploy ended before the host had the release.");
  return failure("TIMED_OUT", message ?? "The host did not have the release in time.");
}

function failure(type: string, message: string): Shortfall {
  return { element: "failure", type, message };
}

function pending(message: string): Shortfall {
  return { element: "skipped", type: "PENDING", message };
}

function printSuite(wave: WaveOutcome, cases: readonly HostCase[], timestamp: string): string {
  const name = `wave ${wave.index} (${wave.share})`;
  return printElement(
    "testsuite",
    { name, ...count(cases), time: decimal(wave.seconds), timestamp },
    cases.map(printCase),
  );
}

function count(cases: readonly HostCase[]): Record<"tests" | "failures" | "skipped" | "errors", number> {
  const having = (element: Shortfall["element"]) =>
    cases.filter(({ shortfall }) => shortfall?.element === element).length;
  return { tests: cases.length, failures: having("failure"), skipped: having("skipped"), errors: 0 };
}

function printCase({ host: { name, address, rack, seconds }, shortfall }: HostCase): string {
  const attributes = {
    classname: rack ?? "no rack",
    name,
    time: seconds === null ? undefined : decimal(seconds),
  };
  if (shortfall === undefined) return printElement("testcase", attributes);
  const { element, type, message } = shortfall;
  // Jenkins shows the attribute, GitLab the text alone.
  return printElement("testcase", attributes, [
    printTextElement(element, { type, message }, `${type} at ${address}: ${message}`),
  ]);
}

function decimal(seconds: number): string {
  return seconds.toFixed(3);
}
