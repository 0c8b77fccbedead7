import { spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { ConfigError } from "../errors.ts";
import { PULL_GOLDEN_CASES } from "./golden-cases.ts";
import { renderPullAgent } from "./rendering.ts";
import type { PullSettings } from "./settings.ts";

const PLAIN: PullSettings = { trackers: ["http://tracker:6969"] };
const isInstalled = (program: string) => spawnSync(program, ["--help"]).error === undefined;

describe("the pulling script", () => {
  it.each(["dash", "busybox"].filter(isInstalled))("can be parsed by %s", (shell) => {
    for (const settings of Object.values(PULL_GOLDEN_CASES)) {
      const applet = shell === "busybox" ? ["sh"] : [];
      const { stderr } = spawnSync(shell, [...applet, "-n"], { input: renderPullAgent(settings), encoding: "utf8" });
      expect(stderr).toBe("");
    }
  });

  it.skipIf(!isInstalled("shellcheck"))("gives shellcheck nothing to say", () => {
    for (const settings of Object.values(PULL_GOLDEN_CASES)) {
      const { stdout } = spawnSync("shellcheck", ["-"], { input: renderPullAgent(settings), encoding: "utf8" });
      expect(stdout).toBe("");
    }
  });

  it("carries the public part of a key alone", () => {
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    const trustKey = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    const text = renderPullAgent({ ...PLAIN, trustKey });
    expect(text).not.toContain("PRIVATE");
    expect(text).toContain(publicKey.export({ type: "spki", format: "pem" }).toString().trim());
  });
});

describe("settings of pulling that cannot be rendered", () => {
  it("are all named at once", () => {
    const faulty = {
      trackers: ["tracker"],
      watchDirectory: "/a b",
      everySeconds: 1,
      user: "Root!",
      wachDirectory: "/w",
    };
    expect(faultsOf(faulty)).toEqual(["trackers", "watchDirectory", "everySeconds", "user", "wachDirectory"]);
  });

  it.each([
    ["trackers", { trackers: [] }],
    ["trackers", { trackers: ["http://tracker:6969/"] }],
    ["trackers", { trackers: ["http://tracker:6969", "http://$(id)"] }],
    ["releasesDirectory", { releasesDirectory: "/srv/../etc" }],
    ["stateDirectory", { stateDirectory: "/var/lib/rackcast/releases/state" }],
    ["bindAddress", { bindAddress: "rack1" }],
    ["trustKey", { trustKey: "none" }],
    ["trustKey", { trustKey: rsaKey() }],
  ])("are refused one by one: %s", (setting, change) => {
    expect(faultsOf({ ...PLAIN, ...change })).toEqual([setting]);
  });
});

function rsaKey(): string {
  const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 1024 });
  return publicKey.export({ type: "spki", format: "pem" }).toString();
}

function faultsOf(settings: object): string[] {
  try {
    renderPullAgent(settings as PullSettings);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults.map(({ setting }) => setting);
    throw error;
  }
  return [];
}
