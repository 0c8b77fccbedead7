// The settings of clients other than rtorrent, and of their units: what is refused, and what the budget becomes.
import { describe, expect, it } from "vitest";
import { renderAria2 } from "./aria2/rendering.ts";
import { ConfigError } from "./errors.ts";
import { renderQBittorrent } from "./qbittorrent/rendering.ts";
import { renderSystemd } from "./systemd/rendering.ts";
import { renderTransmission } from "./transmission/rendering.ts";

const DIRECTORY = "/srv/payloads";

function faultsOf(render: (settings: never) => string, settings: object): string[] {
  try {
    render(settings as never);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults.map(({ setting }) => setting);
    throw error;
  }
  return [];
}

describe("settings that cannot be rendered are all named", () => {
  const unit = { client: "rtorrent", configFile: "/etc/rc", directory: DIRECTORY, stateDirectory: "/var/lib/rt" };

  it.each([
    [renderTransmission, {}, ["directory", "listenPort"]],
    [renderTransmission, { directory: "data", listenPort: 0, rcpPort: 1 }, ["directory", "listenPort", "rcpPort"]],
    [
      renderTransmission,
      { directory: DIRECTORY, listenPort: 1, rpcPort: 1, bindAddress: "::1" },
      ["bindAddress", "rpcPort"],
    ],
    [renderTransmission, { directory: DIRECTORY, listenPort: 1, watchDirectory: DIRECTORY }, ["watchDirectory"]],
    [renderTransmission, { directory: DIRECTORY, listenPort: { first: 1, last: 2 } }, ["listenPort"]],
    [renderAria2, {}, ["directory", "listenPort"]],
    [renderAria2, { directory: "/srv/a\nb", listenPort: 1, rpcSecret: "short" }, ["directory", "rpcSecret"]],
    [renderAria2, { directory: DIRECTORY, listenPort: { first: 9, last: 7 } }, ["listenPort"]],
    [renderAria2, { directory: DIRECTORY, listenPort: { first: 7, last: 9 }, rpcPort: 8 }, ["rpcPort", "rpcSecret"]],
    [renderAria2, { directory: DIRECTORY, listenPort: 7, sessionFile: "/srv/s" }, ["sessionFile"]],
    [renderQBittorrent, {}, ["directory", "listenPort", "webPort"]],
    [renderQBittorrent, { directory: "/a\\b", listenPort: 7, webPort: 7 }, ["directory"]],
    [renderQBittorrent, { directory: DIRECTORY, listenPort: 7, webPort: 7 }, ["webPort"]],
    [renderSystemd, {}, ["client", "configFile", "directory", "stateDirectory"]],
    [renderSystemd, { ...unit, client: "deluge", directory: "/a b" }, ["client", "directory"]],
    [renderSystemd, { ...unit, user: "root" }, ["user"]],
    [renderSystemd, { ...unit, client: "transmission" }, ["configFile"]],
    [renderSystemd, { ...unit, client: "qbittorrent" }, ["configFile"]],
  ])("%o of %j", (render, settings, faults) => {
    expect(faultsOf(render, settings)).toEqual(faults);
  });
});

it("a budget becomes the client's own unit, rounded down", () => {
  const settings = { directory: DIRECTORY, listenPort: 7, bandwidth: { accessMbps: 8, share: 1 } };
  const { "speed-limit-up": up } = JSON.parse(renderTransmission(settings)) as Record<string, unknown>;
  expect(up).toBe(999);
  expect(renderAria2(settings)).toContain("\nmax-overall-upload-limit=976K\n");
  expect(renderQBittorrent({ ...settings, webPort: 8 })).toContain("\nSession\\GlobalUPSpeedLimit=976\n");
});

it("a unit may write where its client does, also under a home, and nowhere else", () => {
  const text = renderSystemd({
    client: "transmission",
    configFile: "/home/seed/transmission/settings.json",
    directory: DIRECTORY,
    stateDirectory: "/home/seed/transmission",
  });
  expect(text).toContain("\nReadWritePaths=/srv/payloads /home/seed/transmission\n");
  expect(text).toContain("\nProtectHome=read-only\n");
  expect(text).toContain("\nProtectSystem=strict\n");
});
