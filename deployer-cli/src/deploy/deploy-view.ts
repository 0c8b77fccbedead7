// Shows a deploy while it goes on: a picture that redraws itself on a terminal, a line when something changed off it.
import { createLiveView } from "../output/live-view.ts";
import { columnsOf, isTerminal, type Terminal } from "../output/terminal.ts";
import { describeDeploy, describeFailure, pictureDeploy } from "./deploy-picture.ts";
import type { DistributionPicture } from "./distribution-run.ts";
import { countOf } from "./host-board.ts";

export interface DeployView {
  show(picture: DistributionPicture): void;
  trackerAway(): void;
  /** Leaves nothing of a picture behind. */
  close(): void;
}

export interface DeployViewOptions {
  readonly terminal: Terminal;
  readonly name: string;
  readonly racks: ReadonlyMap<string, string | null>;
}

const PLAIN_LINE_MS = 10_000;

export function createDeployView(options: DeployViewOptions): DeployView {
  return isTerminal(options.terminal.stderr) ? createPicture(options) : createLines(options);
}

function createPicture({ terminal: { stderr, errorColors }, name, racks }: DeployViewOptions): DeployView {
  const view = createLiveView(stderr);
  let last = "";
  return {
    show(picture) {
      last = pictureDeploy(picture, { name, racks, columns: columnsOf(stderr), colors: errorColors });
      view.show(last);
    },
    trackerAway: () => view.show(`${last}\nThe tracker does not answer; the hosts go on.`),
    close: () => view.clear(),
  };
}

function createLines({ terminal, name }: DeployViewOptions): DeployView {
  const told = new Set<string>();
  let wave = 0;
  let counts = "";
  let writtenAt = Number.NEGATIVE_INFINITY;
  let isAway = false;
  const write = (line: string): void => {
    terminal.note(line);
    writtenAt = Date.now();
  };
  return {
    show(picture) {
      isAway = false;
      for (const standing of picture.standings) {
        if (standing.state !== "failed" || told.has(standing.host.address)) continue;
        told.add(standing.host.address);
        terminal.note(`Failed: ${describeFailure(standing)}`);
      }
      const verified = countOf(picture.standings, "verified");
      const now = `${verified} ${told.size}`;
      const isNews =
        picture.wave.index !== wave || (now !== counts && verified + told.size === picture.standings.length);
      if (!isNews && Date.now() - writtenAt < PLAIN_LINE_MS) return;
      wave = picture.wave.index;
      counts = now;
      write(describeDeploy(picture, name));
    },
    trackerAway() {
      if (!isAway) write("The tracker does not answer; the hosts go on.");
      isAway = true;
    },
    close: () => undefined,
  };
}
