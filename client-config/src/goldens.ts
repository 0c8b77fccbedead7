// Every configuration that is kept under golden/, for the tests that hold for all of them.
import { ARIA2_GOLDEN_CASES } from "./aria2/golden-cases.ts";
import { renderAria2 } from "./aria2/rendering.ts";
import { PULL_GOLDEN_CASES, PULL_UNITS_SETTINGS } from "./pull/golden-cases.ts";
import { renderPullAgent, renderPullUnits } from "./pull/rendering.ts";
import { QBITTORRENT_GOLDEN_CASES } from "./qbittorrent/golden-cases.ts";
import { renderQBittorrent } from "./qbittorrent/rendering.ts";
import { GOLDEN_CASES } from "./rtorrent/golden-cases.ts";
import { renderRtorrent } from "./rtorrent/rendering.ts";
import { SYSTEMD_GOLDEN_CASES } from "./systemd/golden-cases.ts";
import { renderSystemd } from "./systemd/rendering.ts";
import { TRANSMISSION_GOLDEN_CASES } from "./transmission/golden-cases.ts";
import { renderTransmission } from "./transmission/rendering.ts";

/** The text of each file under golden/, by its name. */
export const GOLDENS: Readonly<Record<string, string>> = {
  ...rendered(GOLDEN_CASES, renderRtorrent),
  ...rendered(TRANSMISSION_GOLDEN_CASES, renderTransmission),
  ...rendered(ARIA2_GOLDEN_CASES, renderAria2),
  ...rendered(QBITTORRENT_GOLDEN_CASES, renderQBittorrent),
  ...rendered(SYSTEMD_GOLDEN_CASES, renderSystemd),
  ...rendered(PULL_GOLDEN_CASES, renderPullAgent),
  ...renderPullUnits(PULL_UNITS_SETTINGS),
};

function rendered<Settings>(cases: Readonly<Record<string, Settings>>, render: (settings: Settings) => string) {
  return Object.fromEntries(Object.entries(cases).map(([file, settings]) => [file, render(settings)]));
}
