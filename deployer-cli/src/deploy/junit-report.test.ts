import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DeployReport, HostOutcome, WaveOutcome } from "./deploy-report.ts";
import { printJunit } from "./junit-report.ts";

/** A strict parser of another make: expat, which refuses what is not well-formed. */
const PARSER = `
import json, sys, xml.etree.ElementTree as tree
def plain(node): return {"tag": node.tag, "attributes": node.attrib, "text": node.text or "", "children": [plain(child) for child in node]}
print(json.dumps([plain(tree.fromstring(document.encode())) for document in json.load(sys.stdin)]))`;

interface Node {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly text: string;
  readonly children: readonly Node[];
}

function parse(documents: readonly string[]): Node[] {
  const { stdout, stderr } = spawnSync("python3", ["-c", PARSER], {
    input: JSON.stringify(documents),
    encoding: "utf8",
  });
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout) as Node[];
}

function wave(index: number, state: WaveOutcome["state"] = "done"): WaveOutcome {
  return { index, share: `${index * 10}%`, targets: 1, verified: 1, failed: 0, seconds: 12.3456, state };
}

function host(fields: Partial<HostOutcome>): HostOutcome {
  const verified = { state: "verified", code: null, message: null, seconds: 3.21 } as const;
  return { name: "web1", address: "10.0.0.1", rack: "ams1/rack7", wave: 1, ...verified, ...fields };
}

function pending(wave: number): HostOutcome {
  return host({ wave, state: "pending", seconds: null });
}

function reportOf(fields: Partial<DeployReport>): DeployReport {
  return {
    command: "deploy",
    outcome: "done",
    exitCode: 0,
    release: { name: "web-1.2.3", series: "web", infoHash: "0".repeat(40), lengthBytes: 9, fileCount: 1 },
    startedAt: "2026-01-02T03:04:05.000Z",
    seconds: 100,
    via: "ansible",
    totals: { targets: 1, verified: 1, failed: 0, pending: 0 },
    waves: [wave(1)],
    hosts: [host({})],
    removed: [],
    next: null,
    ...fields,
  };
}

function junitOf(fields: Partial<DeployReport>): Node {
  return parse([printJunit(reportOf(fields))])[0]!;
}

function caseIn(fields: Partial<DeployReport>): Node {
  return junitOf(fields).children[0]!.children[0]!;
}

describe("the JUnit report", () => {
  it("is a suite for each wave, with a case for each of its hosts in its rack", () => {
    const disk = { state: "failed", code: "DISK_FULL", message: "needs 9 bytes, 3 are free" } as const;
    const root = junitOf({
      outcome: "failed",
      waves: [wave(1), wave(2, "failed"), wave(3, "skipped")],
      hosts: [host({}), host({ name: "db1", wave: 2, rack: null, ...disk }), pending(3)],
    });
    const totals = { tests: "3", failures: "1", errors: "0" };
    expect(root).toMatchObject({
      tag: "testsuites",
      attributes: { name: "deploy web-1.2.3", time: "100.000", ...totals },
    });
    expect(root.children.map(({ tag, attributes }) => [tag, attributes])).toEqual([
      ["testsuite", suite("wave 1 (10%)", { failures: "0", skipped: "0" })],
      ["testsuite", suite("wave 2 (20%)", { failures: "1", skipped: "0" })],
      ["testsuite", suite("wave 3 (30%)", { failures: "0", skipped: "1" })],
    ]);
    expect(root.children.map(({ children }) => children[0])).toMatchObject([
      { tag: "testcase", attributes: { classname: "ams1/rack7", name: "web1", time: "3.210" }, children: [] },
      {
        attributes: { classname: "no rack", name: "db1", time: "3.210" },
        children: [{ tag: "failure", attributes: { type: "DISK_FULL", message: disk.message } }],
      },
      { attributes: { classname: "ams1/rack7", name: "web1" }, children: [{ tag: "skipped" }] },
    ]);
  });

  function suite(name: string, counts: Readonly<Record<string, string>>): Record<string, string> {
    return { name, tests: "1", errors: "0", time: "12.346", timestamp: "2026-01-02T03:04:05.000Z", ...counts };
  }

  it("says address, code and message in the failure's text too, for servers that show no attributes", () => {
    const failed = host({ state: "failed", code: "CORRUPT", message: "bin/app differs" });
    expect(caseIn({ hosts: [failed] }).children[0]!.text).toBe("CORRUPT at 10.0.0.1: bin/app differs");
  });

  it.each([
    ["timed-out", "failed", "failure", "TIMED_OUT"],
    ["timed-out", "skipped", "skipped", "PENDING"],
    ["done", "done", "skipped", "PENDING"],
    ["failed", "failed", "skipped", "PENDING"],
    ["interrupted", "failed", "skipped", "PENDING"],
  ] as const)(
    "of a deploy that is %s, a host left pending by a wave that is %s is a %s",
    (outcome, state, tag, type) => {
      const found = caseIn({ outcome, waves: [wave(1, state)], hosts: [pending(1)] });
      expect(found.attributes).not.toHaveProperty("time");
      expect(found.children).toMatchObject([{ tag, attributes: { type, message: expect.stringMatching(/\w/) } }]);
    },
  );

  it("replaces what XML cannot hold and keeps the rest, line ends and markup too", () => {
    const message = "a\u0000b\u001b[1m <b> & \"c\" 'd' ]]>\r\n\te\ud800\uffff\u{1f600}";
    const { attributes, text } = caseIn({ hosts: [host({ state: "failed", code: "CORRUPT", message })] }).children[0]!;
    const held = "a\ufffdb\ufffd[1m <b> & \"c\" 'd' ]]>\r\n\te\ufffd\ufffd\u{1f600}";
    expect(attributes["message"]).toBe(held);
    expect(text).toBe(`CORRUPT at 10.0.0.1: ${held}`);
  });

  it("is well-formed and true to every name and message, whatever they are", () => {
    const texts = fc.sample(fc.string({ unit: "binary" }), 500);
    const documents = texts.map((text) =>
      printJunit(
        reportOf({ hosts: [host({ name: text, rack: text, state: "failed", code: "CORRUPT", message: text })] }),
      ),
    );
    const held = parse(documents).map(({ children }) => children[0]!.children[0]!);
    expect(held.map(({ attributes }) => attributes["name"]!.length)).toEqual(texts.map(({ length }) => length));
    expect(held.map(({ children }) => children[0]!.attributes["message"])).toEqual(
      held.map(({ attributes }) => attributes["name"]),
    );
  });
});
