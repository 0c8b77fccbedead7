import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bandwidthLimitKiBps } from "../bandwidth.ts";
import { ConfigError } from "../errors.ts";
import { GOLDEN_CASES } from "./golden-cases.ts";
import { renderRtorrent } from "./rendering.ts";
import type { RtorrentSettings } from "./settings.ts";

const GOLDEN = new URL("../../golden/", import.meta.url);
const PLAIN: RtorrentSettings = {
  directory: "/srv/payloads",
  sessionDirectory: "/srv/session",
  scgiSocket: "/run/rpc.sock",
  listenPort: 6890,
};

describe("the rtorrent configuration", () => {
  it.each(Object.entries(GOLDEN_CASES))(
    "listens for control on a Unix socket alone and finds peers by the tracker alone: %s",
    (file, { version }) => {
      const text = readFileSync(new URL(file, GOLDEN), "utf8");
      expect(text).not.toMatch(/scgi\.open_port|network\.scgi_port/);
      expect(text).toMatch(/^dht\.mode\.set = disable$/m);
      expect(text).toMatch(/^protocol\.pex\.set = no$/m);
      // 0.16 has no such setting any more.
      if (version !== "0.16") expect(text).toMatch(/^trackers\.use_udp\.set = no$/m);
    },
  );

  it("never writes a limit of 0 for a budget, which rtorrent takes for none", () => {
    const budget = fc.record({
      accessMbps: fc.double({ min: 1e-9, max: 1e6, noNaN: true }),
      share: fc.double({ min: 1e-9, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(budget, (bandwidth) => {
        const limit = Number(
          /global_down\.max_rate\.set_kb = (\d+)$/m.exec(renderRtorrent({ ...PLAIN, bandwidth }))?.[1],
        );
        expect(limit).toBeGreaterThan(0);
        expect(limit).toBe(Math.min(2 ** 20, bandwidthLimitKiBps(bandwidth)));
        if (limit > 1) expect(limit * 1024 * 8).toBeLessThanOrEqual(bandwidth.accessMbps * bandwidth.share * 1_000_000);
      }),
    );
  });

  it("has one line for each path, whatever characters are accepted in it", () => {
    const lines = renderRtorrent(PLAIN).split("\n").length;
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (name) => {
        const directory = `/srv/${name}`;
        const text = attempt({ ...PLAIN, directory });
        if (text === undefined) return;
        expect(text.split("\n")).toHaveLength(lines);
        expect(text).toContain(`directory.default.set = "${directory}"\n`);
      }),
    );
  });
});

function attempt(settings: RtorrentSettings): string | undefined {
  try {
    return renderRtorrent(settings);
  } catch {
    return undefined;
  }
}

describe("settings that cannot be rendered", () => {
  it("are all named at once", () => {
    const faulty = {
      ...PLAIN,
      directory: "payloads",
      sessionDirectory: '/srv/"; execute = rm',
      listenPort: { first: 0, last: 7 },
      announceEverySeconds: 1,
      bandwidth: { accessMbps: 0, share: 2, per: "host" },
      umask: "0000",
      scgiPort: 5000,
    };
    expect(faultsOf(faulty)).toEqual([
      "directory",
      "sessionDirectory",
      "listenPort",
      "announceEverySeconds",
      "bandwidth.per",
      "bandwidth.accessMbps",
      "bandwidth.share",
      "umask",
      "scgiPort",
    ]);
  });

  it("are named when they are missing", () => {
    expect(faultsOf({})).toEqual(["directory", "sessionDirectory", "scgiSocket", "listenPort"]);
  });

  it.each([
    ["scgiSocket", { scgiSocket: `/run/${"x".repeat(103)}` }],
    ["listenPort", { listenPort: { first: 9, last: 7 } }],
    ["bindAddress", { bindAddress: "rack1" }],
    ["bindAddress", { bindAddress: "::1" }],
    ["sessionDirectory", { sessionDirectory: PLAIN.directory }],
    ["logFile", { logFile: "/var/log/$HOME" }],
    ["announceEverySeconds", { announceEverySeconds: 2.5 }],
  ])("are refused one by one: %s", (setting, change) => {
    expect(faultsOf({ ...PLAIN, ...change })).toEqual([setting]);
  });

  it.each([
    [{ listenport: 6890 }, /^ {2}listenport is no setting; did you mean listenPort\?$/m],
    [{ bandwith: { accessMbps: 1, share: 1 } }, /^ {2}bandwith is no setting; did you mean bandwidth\?$/m],
    [{ bandwidth: { accesMbps: 1, share: 1 } }, /^ {2}bandwidth\.accesMbps is no setting; did you mean accessMbps\?$/m],
    [{ colour: "red" }, /^ {2}colour is no setting; remove it$/m],
  ])("are refused, where there is no such setting, with the one that may be meant: %j", (more, message) => {
    expect(() => renderRtorrent({ ...PLAIN, ...more } as RtorrentSettings)).toThrow(message);
  });

  it("are refused with a message that says what is expected", () => {
    expect(() => renderRtorrent({ ...PLAIN, umask: "0000" })).toThrow(/umask must be four octal digits/);
  });
});

function faultsOf(settings: object): string[] {
  try {
    renderRtorrent(settings as RtorrentSettings);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults.map(({ setting }) => setting);
    throw error;
  }
  return [];
}
