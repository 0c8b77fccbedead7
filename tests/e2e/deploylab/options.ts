// The deploylab's command line.
import { parseArgs } from "node:util";
import type { LabShape } from "../netlab/shape.ts";
import type { Via } from "./preparing.ts";
import { ALL_STORIES, type Story } from "./stories.ts";

export interface LabOptions {
  readonly via: readonly Via[];
  readonly stories: readonly Story[];
  readonly shape: LabShape;
  readonly waves: string;
  readonly setUpEach: boolean;
}

export class UsageError extends Error {}

const VIA: readonly Via[] = ["ansible", "pull"];

export const USAGE = `npm run deploylab -- [options]      needs root: it makes namespaces

  --via a,b                  ${VIA.join(",")} (default both)
  --until NAME               the last story that is told (default: all), in this order:
${ALL_STORIES.map(({ name, tells }) => `                             ${name}: ${tells}`).join("\n")}
  --size 256MiB              of a release (default 256MiB)
  --waves 1,50%,100%         of the first release (default 1,50%,100%)
  --uplink --access --origin Mbit/s, both ways (default 200, 800, 800)
  --set-up-each              has the role set every host up, where otherwise they start from the first one's disk`;

/** Reads the arguments; throws a UsageError that names the fault. */
export function readOptions(args: readonly string[]): LabOptions {
  const values = parse(args);
  const speed = (name: "uplink" | "access" | "origin"): number => {
    const value = Number(values[name]);
    if (!Number.isFinite(value) || value < 1) throw new UsageError(`--${name} wants a number of at least 1`);
    return value;
  };
  return {
    via: values.via.split(",").map((given) => oneOf(given, VIA, "--via")),
    stories: upTo(values.until),
    shape: {
      racks: [4, 4, 4],
      payloadMiB: mebibytes(values.size),
      uplinkMbit: speed("uplink"),
      accessMbit: speed("access"),
      originMbit: speed("origin"),
      datacenters: 0,
      datacenterMbit: speed("uplink"),
    },
    waves: values.waves,
    setUpEach: values["set-up-each"],
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        via: { type: "string", default: VIA.join(",") },
        until: { type: "string", default: ALL_STORIES.at(-1)?.name ?? "" },
        size: { type: "string", default: "256MiB" },
        waves: { type: "string", default: "1,50%,100%" },
        uplink: { type: "string", default: "200" },
        access: { type: "string", default: "800" },
        origin: { type: "string", default: "800" },
        "set-up-each": { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function upTo(name: string): readonly Story[] {
  const last = oneOf(
    name,
    ALL_STORIES.map((story) => story.name),
    "--until",
  );
  return ALL_STORIES.slice(0, ALL_STORIES.findIndex((story) => story.name === last) + 1);
}

function mebibytes(size: string): number {
  const digits = /^([1-9]\d*)(?:MiB)?$/.exec(size)?.[1];
  if (digits === undefined) throw new UsageError("--size wants mebibytes: 256MiB");
  return Number(digits);
}

function oneOf<T extends string>(given: string, known: readonly T[], option: string): T {
  const found = known.find((one) => one === given);
  if (found === undefined) throw new UsageError(`${option} ${given} is not known; one of ${known.join(", ")}`);
  return found;
}
