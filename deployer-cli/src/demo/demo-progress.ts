// How the demo's progress looks: a line for each rack on a terminal, one line now and then off it.
import { drawBar } from "../output/bar.ts";
import { createLiveView } from "../output/live-view.ts";
import { isTerminal, type Stream } from "../output/terminal.ts";
import { formatSeconds, formatShare } from "../output/units.ts";
import type { HostProgress } from "./demo-watch.ts";

const BAR_CELLS = 30;
const PLAIN_LINE_SECONDS = 2;

export type ShowProgress = (hosts: readonly HostProgress[], elapsedSeconds: number) => void;

export function createDemoProgress(stream: Stream, payloadBytes: number): ShowProgress {
  const view = createLiveView(stream);
  if (isTerminal(stream)) return (hosts, elapsed) => view.show(picture(hosts, elapsed, payloadBytes));
  let nextAt = 0;
  return (hosts, elapsed) => {
    const isDone = hosts.every(({ seconds }) => seconds !== undefined);
    if (elapsed < nextAt && !isDone) return;
    nextAt = elapsed + PLAIN_LINE_SECONDS;
    view.show(sentence(hosts, elapsed, payloadBytes));
  };
}

interface RackProgress {
  readonly rack: string;
  readonly share: number;
  readonly doneHosts: number;
  readonly hosts: number;
}

function racksOf(hosts: readonly HostProgress[], payloadBytes: number): RackProgress[] {
  return [...Map.groupBy(hosts, ({ rack }) => rack)].map(([rack, members]) => ({
    rack,
    share: members.reduce((sum, { completedBytes }) => sum + completedBytes, 0) / members.length / payloadBytes,
    doneHosts: members.filter(({ seconds }) => seconds !== undefined).length,
    hosts: members.length,
  }));
}

function picture(hosts: readonly HostProgress[], elapsedSeconds: number, payloadBytes: number): string {
  const lines = racksOf(hosts, payloadBytes).map((rack) => {
    const bar = drawBar(rack.share, BAR_CELLS);
    return `${rack.rack.padEnd(6)} ${bar} ${formatShare(rack.share).padStart(5)}  ${rack.doneHosts} of ${rack.hosts} hosts`;
  });
  return [`Distributing, ${formatSeconds(elapsedSeconds)}`, ...lines].join("\n");
}

function sentence(hosts: readonly HostProgress[], elapsedSeconds: number, payloadBytes: number): string {
  const racks = racksOf(hosts, payloadBytes).map(
    ({ rack, share, doneHosts, hosts: all }) => `${rack} ${formatShare(share)} (${doneHosts} of ${all} hosts)`,
  );
  return `${formatSeconds(elapsedSeconds)}: ${racks.join(", ")}`;
}
