import { renderRtorrent, RtorrentSettingsSchema, type RtorrentSettings } from "@rackcast/client-config";
import { describe, expect, it } from "vitest";
import { readSettings, settingsOf } from "./settings-options.ts";

const settings = settingsOf(RtorrentSettingsSchema);

describe("options made from the settings of rtorrent", () => {
  it("are one for every leaf, each with its description", () => {
    expect(settings.map(({ flag }) => flag)).toEqual(
      expect.arrayContaining(["scgi-socket", "listen-port", "bandwidth-access-mbps"]),
    );
    for (const { description } of settings) expect(description).not.toBe("");
  });

  it("give values of the settings' types, flags winning over --set", () => {
    const given = {
      set: ["listenPort=6881", "umask=0022", "bandwidth.share=0.5"],
      listenPort: "6881-6889",
      bandwidthAccessMbps: "1000",
      preallocate: "no",
    };
    expect(readSettings(settings, given)).toEqual({
      listenPort: { first: 6881, last: 6889 },
      umask: "0022",
      bandwidth: { share: 0.5, accessMbps: 1000 },
      preallocate: false,
    });
  });

  it("leave what fits no type, and unknown names, for the schema's check to name", () => {
    const paths = { directory: "/srv/d", sessionDirectory: "/srv/s", scgiSocket: "/run/x.sock" };
    const given = { set: ["maxPeers=many", "colour=red", "listenPort=6881"], ...paths };
    const render = () => renderRtorrent(readSettings(settings, given) as RtorrentSettings);
    expect(render).toThrow(/maxPeers/);
    expect(render).toThrow(/colour/);
  });

  it("refuse a --set without a value", () => {
    expect(() => readSettings(settings, { set: ["listenPort"] })).toThrow(expect.objectContaining({ code: "USAGE" }));
  });
});
