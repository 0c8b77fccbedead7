import { describe, expect, it } from "vitest";
import type { ResolverAnswer, TopologyAnswer } from "../api/resources.ts";
import { createTerminal } from "../output/terminal.ts";
import { type CheckedHost, checkTopology, countFindings } from "./topology-check.ts";
import { printAnswers, printResolverAnswers, printTopologyReport } from "./topology-report.ts";

const { colors } = createTerminal(process.stdout, process.stderr, { NO_COLOR: "1" });
const DOWN = "resolver smdb failed for 10.0.1.1: 503; check that the service behind it is up";

function says(resolver: string, rack: string | undefined, more: Partial<ResolverAnswer> = {}): ResolverAnswer {
  const path = rack === undefined ? null : rack.split("/");
  const outcome = path === null ? "unknown" : "known";
  return { resolver, outcome, path, cached: false, ageSeconds: 0, error: null, breaker: null, ...more };
}

function answer(address: string, ...resolvers: ResolverAnswer[]): TopologyAnswer {
  const used = resolvers.find(({ path }) => path !== null);
  const { outcome, path, cached, ageSeconds, error } = used ?? resolvers.at(-1)!;
  const group = path ?? ["unknown"];
  return { address, outcome, path, cached, ageSeconds, error, resolver: used?.resolver ?? null, group, resolvers };
}

function host(name: string, line: number, ...answers: TopologyAnswer[]): CheckedHost {
  return { host: name, line, answers, problem: answers.length === 0 ? "no such name in DNS" : undefined };
}

const failed = says("smdb", undefined, { outcome: "failed", ageSeconds: null, error: DOWN, breaker: "open" });
const remembered = says("smdb", "row1/rack1", { cached: true, ageSeconds: 61.6, error: DOWN, breaker: "open" });

describe("places of addresses", () => {
  it("are printed with who said so, and what went wrong", () => {
    const answers = [
      answer("10.0.1.1", remembered),
      answer("10.0.9.9", failed),
      answer("2001:db8::5", says("file", "a")),
    ];
    expect(printAnswers(answers, colors)).toBe(
      [
        "ADDRESS      PATH        COUNTED AS  RESOLVER  CACHED",
        "10.0.1.1     row1/rack1  row1/rack1  smdb      62 s ago",
        "10.0.9.9     failed      unknown     -         no",
        "2001:db8::5  a           a           file      no",
        "",
        `10.0.1.1: ${DOWN}`,
        `10.0.9.9: ${DOWN}`,
      ].join("\n"),
    );
  });

  it("are printed with what every resolver says", () => {
    const answers = [
      answer("10.0.1.1", says("file", undefined), remembered, says("subnet", "row1/rack2")),
      answer("10.0.9.9", says("file", undefined), failed, says("subnet", "row9/rack9")),
    ];
    expect(printResolverAnswers(answers, colors)).toBe(
      [
        "ADDRESS   RESOLVER  SAYS        USED  CACHED    BREAKER",
        "10.0.1.1  file      unknown     -     no        -",
        "          smdb      row1/rack1  yes   62 s ago  open",
        "          subnet    row1/rack2  -     no        -",
        "10.0.9.9  file      unknown     -     no        -",
        "          smdb      failed      -     no        open",
        "          subnet    row9/rack9  yes   no        -",
        "",
        `smdb: ${DOWN}`,
      ].join("\n"),
    );
  });
});

const rack1 = (address: string) => answer(address, says("file", "row1/rack1"), says("subnet", undefined));
const CLEAN = [host("web1", 1, rack1("10.0.1.1")), host("web2", 2, rack1("10.0.1.2"), rack1("2001:db8::2"))];
const FAULTY = [
  ...CLEAN,
  host("web3", 3, answer("10.0.1.3", says("file", "row1/rack1"), says("subnet", "row1/rack2"))),
  host("web4", 4, answer("10.0.2.4", says("file", "row1/rack2"), failed)),
  host("10.0.9.9", 5, answer("10.0.9.9", says("file", undefined), failed)),
  host("gone.example", 6),
  host("web1", 7, rack1("10.0.1.1")),
  host("web8", 8, answer("10.0.3.8", says("file", "row1/rack3")), answer("10.0.4.8", says("file", "row1/rack4"))),
  host("web9", 9, answer("10.0.3.9", says("file", "row1/rack3"), says("dns", undefined, { outcome: "late" }))),
];

describe("a check of the topology", () => {
  it("has nothing to complain of when all resolvers that know agree, and racks have more than one host", () => {
    const report = checkTopology(CLEAN);
    expect(countFindings(report)).toBe(0);
    expect(printTopologyReport(report, colors)).toBe("Checked 2 hosts in 1 rack: nothing to complain of");
  });

  it("names everything that is wrong, within 80 columns but for errors", () => {
    const report = checkTopology(FAULTY);
    expect(countFindings(report)).toBe(9);
    const text = printTopologyReport(report, colors);
    expect(text).toBe(
      [
        "Names without an address",
        "NAME          LINE  WHY",
        "gone.example     6  no such name in DNS",
        "",
        "Addresses that are listed more than once",
        "ADDRESS   LINES",
        "10.0.1.1  1, 7",
        "",
        "Unknown: in no rack that a resolver knows",
        "HOST      ADDRESS   COUNTED AS",
        "10.0.9.9  10.0.9.9  unknown",
        "",
        "Contradictions: resolvers, or the addresses of one host, do not agree",
        "HOST  ADDRESS   RESOLVER  SAYS",
        "web3  10.0.1.3  file      row1/rack1",
        "      10.0.1.3  subnet    row1/rack2",
        "web8  10.0.3.8  file      row1/rack3",
        "      10.0.4.8  file      row1/rack4",
        "",
        "Racks with one host only",
        "RACK        HOST",
        "row1/rack2  web4",
        "row1/rack4  web8",
        "",
        "Resolvers that failed",
        `smdb, for 2 addresses: ${DOWN}`,
        "dns, for 1 address: no answer in the time that an announce waits",
        "",
        "Checked 8 hosts in 4 racks: 1 without an address, 1 listed twice, 1 unknown, 2",
        "contradictions, 2 racks of one host, 2 resolvers failed",
      ].join("\n"),
    );
    const lines = text.split("\n").filter((line) => !line.includes(DOWN));
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it("takes no control characters from outside to the terminal", () => {
    const evil = answer("10.0.1.1", says("smdb", undefined, { error: "\u001b]0;x\u0007", outcome: "failed" }));
    expect(printTopologyReport(checkTopology([host("web1", 1, evil)]), colors)).not.toContain("\u0007");
  });
});
