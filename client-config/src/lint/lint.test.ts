import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ARIA2_GOLDEN_CASES } from "../aria2/golden-cases.ts";
import { GOLDENS } from "../goldens.ts";
import { QBITTORRENT_GOLDEN_CASES } from "../qbittorrent/golden-cases.ts";
import { GOLDEN_CASES } from "../rtorrent/golden-cases.ts";
import { RTORRENT_VERSIONS, type RtorrentVersion } from "../rtorrent/versions.ts";
import { TRANSMISSION_GOLDEN_CASES } from "../transmission/golden-cases.ts";
import { guessClient, LINT_CLIENTS, type LintClient } from "./client-guess.ts";
import { lintConfig } from "./lint.ts";
import { LINT_RULES } from "./rules.ts";

const CLIENT_GOLDENS: readonly (readonly [string, LintClient])[] = [
  ...Object.keys(TRANSMISSION_GOLDEN_CASES).map((file) => [file, "transmission"] as const),
  ...Object.keys(ARIA2_GOLDEN_CASES).map((file) => [file, "aria2"] as const),
  ...Object.keys(QBITTORRENT_GOLDEN_CASES).map((file) => [file, "qbittorrent"] as const),
];

function found(text: string, client: LintClient, rtorrentVersion?: RtorrentVersion): string[] {
  const options = rtorrentVersion ? { client, rtorrentVersion } : { client };
  return lintConfig(text, options).map(({ line, severity, rule }) => `${line} ${severity} ${rule}`);
}

describe("what is rendered", () => {
  it.each(Object.entries(GOLDEN_CASES))("is clean for its version: %s", (file, { version, checkHash }) => {
    const expected = checkHash ? [expect.stringMatching(/^\d+ warning hash-on-completion$/)] : [];
    expect(found(GOLDENS[file]!, "rtorrent", version)).toEqual(expected);
  });

  it.each(CLIENT_GOLDENS)("is clean: %s", (file, client) => {
    expect(found(GOLDENS[file]!, client)).toEqual([]);
  });

  it("is not clean for another version: 0.9.8's for 0.16, and the other way round", () => {
    expect(found(GOLDENS["rtorrent-defaults.rc"]!, "rtorrent", "0.16")).toContainEqual(
      expect.stringMatching(/error renamed-command$/),
    );
    expect(found(GOLDENS["rtorrent-0.16.rc"]!, "rtorrent", "0.9.8")).toContainEqual(
      expect.stringMatching(/error udp-trackers$/),
    );
  });

  it.each(Object.keys(GOLDENS).filter((file) => !/\.(service|sh)$/.test(file)))(
    "is known for its client's: %s",
    (file) => {
      const client = LINT_CLIENTS.find((name) => file.startsWith(name));
      expect(guessClient(file, GOLDENS[file]!)).toBe(client);
      expect(guessClient("unnamed", GOLDENS[file]!)).toBe(client);
    },
  );
});

/** Each line that is at fault says so: `#! rule …` above it, or `#!end rule …` for what is missing. */
describe("faulty configurations", () => {
  const cases: readonly (readonly [string, LintClient, RtorrentVersion])[] = [
    ["leaky.rc", "rtorrent", "0.9.8"],
    ["old-names.rc", "rtorrent", "0.9.8"],
    ["tricky.rc", "rtorrent", "0.9.8"],
    ["from-0.9.rc", "rtorrent", "0.16"],
    ["careless.aria2.conf", "aria2", "0.9.8"],
  ];

  it.each(cases)("%s: every fault is found at its line, and nothing else", (file, client, version) => {
    const text = readFileSync(new URL(`faulty/${file}`, import.meta.url), "utf8");
    const seen = lintConfig(text, { client, rtorrentVersion: version }).map(({ line, rule }) => `${line} ${rule}`);
    expect(seen.sort()).toEqual(expectedFindings(text).sort());
  });

  it("a settings.json of Transmission's own defaults", () => {
    expect(found('{\n  "rpc-enabled": true,\n  "dht-enabled": true,\n  "umask": 0\n}\n', "transmission")).toEqual([
      "3 error dht",
      "4 error umask",
      "5 error local-discovery",
      "5 error open-control",
      "5 error pex",
      "5 warning port-forwarding",
      "5 warning queue",
      "5 warning utp",
    ]);
    expect(found('{ "a": 1,\n  // no\n}', "transmission")).toEqual(["2 error syntax"]);
  });

  it("a qBittorrent.conf of qBittorrent's own defaults", () => {
    const text =
      "[Preferences]\nWebUI\\Port=8080\nWebUI\\LocalHostAuth=false\n[BitTorrent]\nSession\\DHTEnabled=true\n";
    expect(found(text, "qbittorrent")).toEqual([
      "3 warning control-without-secret",
      "5 error dht",
      "5 error local-discovery",
      "5 error open-control",
      "5 error pex",
      "5 warning port-forwarding",
      "5 warning queue",
      "5 warning utp",
    ]);
  });
});

it("what it says to write instead is sound for the version, also where a name is not in all of its releases", () => {
  const text = 'bind = 10.0.0.1\nport_random = no\nschedule2 = a, 2, 2, "d.multicall2=leeching,d.tracker_announce="\n';
  const findings = lintConfig(text, { client: "rtorrent", rtorrentVersion: "0.16" });
  const fixes = findings.map(({ fix }) => fix);
  expect(fixes).toContain('catch = "network.port_random.set=no"');
  expect(lintConfig(fixes.join("\n"), { client: "rtorrent", rtorrentVersion: "0.16" })).toEqual([]);
});

it("reads the web interface's settings where qBittorrent 5.3 moves them, too", () => {
  const text = GOLDENS["qbittorrent-defaults.conf"]!.replaceAll("WebUI\\", "").replace("[Preferences]", "[WebUI]");
  expect(text).toContain("\nAddress=127.0.0.1\n");
  expect(found(text, "qbittorrent")).toEqual([]);
});

function expectedFindings(text: string): string[] {
  const lines = text.replace(/\n$/, "").split("\n");
  return lines.flatMap((line, index) => {
    const [, end, rules = ""] = /^#!(end)? (.*)$/.exec(line) ?? [];
    const at = end === undefined ? index + 2 : lines.length;
    return rules.split(" ").flatMap((rule) => (rule === "" ? [] : [`${at} ${rule}`]));
  });
}

it("never throws, and names existing lines only, whatever the bytes", () => {
  const alphabet = fc.constantFrom(..."=;,\"\\{}()$#\r\n\t .:adhst02{[]}'\0ß".split(""));
  const texts = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString("utf8")),
    fc.string({ unit: alphabet, maxLength: 120 }),
    fc
      .array(fc.constantFrom(...Object.values(GOLDENS).flatMap((text) => text.split("\n"))), { maxLength: 12 })
      .map((lines) => lines.join("\n")),
    fc.string({ unit: alphabet, maxLength: 60 }).map((rest) => `schedule2 = a, 1, 1, ${rest}`),
  );
  fc.assert(
    fc.property(
      texts,
      fc.constantFrom(...LINT_CLIENTS),
      fc.constantFrom(...RTORRENT_VERSIONS),
      (text, client, rtorrentVersion) => {
        guessClient("x", text);
        for (const { line, rule } of lintConfig(text, { client, rtorrentVersion })) {
          expect(LINT_RULES).toHaveProperty([rule]);
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(text.split("\n").length);
        }
      },
    ),
    { numRuns: 400 },
  );
});

it("nested too deeply for anybody is a syntax error, not a crash", () => {
  expect(found(`print = ${"{".repeat(100_000)}`, "rtorrent")).toContain("1 error syntax");
});
