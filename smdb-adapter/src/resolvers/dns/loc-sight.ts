// Where the LOC record of a host says that it is: hosts of one cell of a grid on the globe are one group.
import { fillTemplate, type TextTemplate } from "../../text-template.ts";
import { parseTopologyPath } from "../../topology-path.ts";
import { shorter } from "./dns-client.ts";
import type { GlobeGrid } from "./globe-grid.ts";
import type { HostLookup } from "./host-lookup.ts";
import { parseLoc } from "./loc-record.ts";
import { recordNameOf } from "./record-name.ts";
import { isDefined, onePlace, type Sight, soundPath } from "./sighting.ts";

export interface LocSightOptions {
  readonly name: TextTemplate;
  readonly grid: GlobeGrid;
  /** The path, with `{loc}` for the name of the cell. */
  readonly path: TextTemplate;
  readonly levels: readonly string[] | undefined;
}

/** What the path by LOC may be made of. */
export const LOC_PARTS = ["loc"] as const;

export function createLocSight({ name: template, grid, path: pathTemplate, levels }: LocSightOptions): Sight {
  function pathOf(data: unknown, host: HostLookup, source: string) {
    const point = Buffer.isBuffer(data) ? parseLoc(data) : undefined;
    if (point === undefined) {
      return host.blame("loc-malformed", `${source} is no place on the globe in version 0 of RFC 1876`);
    }
    const written = fillTemplate(pathTemplate, () => grid.cellOf(point));
    return soundPath(parseTopologyPath(written, levels), host, source);
  }

  return async (host) => {
    const at = await recordNameOf(template, host);
    if (at === undefined) return undefined;
    const { values, ttlSeconds } = await host.records(at.name, "LOC");
    const source = `the LOC record of ${at.name}`;
    const path = onePlace(values.map((data) => pathOf(data, host, source)).filter(isDefined), host, source);
    return path && { path, ttlSeconds: shorter(at.ttlSeconds, ttlSeconds) };
  };
}
