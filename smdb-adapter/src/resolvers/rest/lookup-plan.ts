// What a lookup does, compiled from the settings once: which paths it asks for, and where in the answers the place is.
import type { FaultList } from "./fault-list.ts";
import { type JsonPointer, parsePointer } from "./json-pointer.ts";
import { PRESETS } from "./presets.ts";
import { maskQuery, parseRequestTemplate, type RequestTemplate } from "./request-template.ts";
import type { RestSettings } from "./rest-settings.ts";

export interface FollowSettings {
  readonly each?: string | undefined;
  readonly take: Readonly<Record<string, string>>;
  readonly path: string;
}

/** A pointer, and how it was written. */
export interface Pointing {
  readonly text: string;
  readonly pointer: JsonPointer;
}

export interface FollowStep {
  readonly each: Pointing;
  /** By the name that `path` has in braces. */
  readonly take: ReadonlyMap<string, Pointing>;
  readonly path: RequestTemplate;
}

export interface LevelPointing extends Pointing {
  readonly level: string;
}

export interface LookupPlan {
  readonly path: RequestTemplate;
  readonly follow: readonly FollowStep[];
  readonly hosts: Pointing;
  /** Undefined: the name of the member that the host is. */
  readonly hostName: Pointing | undefined;
  /** Outermost first. */
  readonly levels: readonly LevelPointing[];
}

export const ADDRESS = "address";
const NOWHERE: RequestTemplate = { names: new Set(), fill: () => "", show: () => "" };

/** A plan to use only if there are no faults. `levels` are those of the topology. */
export function compilePlan(
  settings: RestSettings,
  levels: readonly string[] | undefined,
  faults: FaultList,
): LookupPlan {
  const preset = PRESETS[settings.preset ?? "smdb"];
  const known = new Set([ADDRESS]);
  const hostName = settings.host_name ?? preset.hostName;
  const path = compilePath("path", settings.path ?? preset.path, known, faults);
  if (path !== NOWHERE && !path.names.has(ADDRESS)) {
    const remedy = `put {${ADDRESS}} where it belongs`;
    faults.add("path", maskQuery(settings.path ?? ""), "does not say for which address", remedy);
  }
  return {
    path,
    follow: (settings.follow ?? preset.follow).map((step, index) => compileStep(step, index, known, faults)),
    hosts: compilePointer("hosts", settings.hosts ?? preset.hosts, faults),
    hostName: hostName === undefined ? undefined : compilePointer("host_name", hostName, faults),
    levels: compileLevels(settings, levels, faults),
  };
}

/** Adds the names that the step gives to those known. */
function compileStep(step: FollowSettings, index: number, known: Set<string>, faults: FaultList): FollowStep {
  const source = `follow.${index}`;
  const take = Object.entries(step.take).map(([name, text]) => {
    const problem = known.has(name) ? "is a name that is taken" : "is no name";
    const isFree = /^\w+$/.test(name) && !known.has(name);
    if (!isFree) faults.add(`${source}.take`, name, problem, "choose another of letters and digits");
    known.add(name);
    return [name, compilePointer(`${source}.take.${name}`, text, faults)] as const;
  });
  return {
    each: compilePointer(`${source}.each`, step.each ?? "", faults),
    take: new Map(take),
    path: compilePath(`${source}.path`, step.path, known, faults),
  };
}

function compileLevels(
  settings: RestSettings,
  levels: readonly string[] | undefined,
  faults: FaultList,
): LevelPointing[] {
  const given = settings.levels;
  return given === undefined ? presetLevels(settings, levels, faults) : givenLevels(given, levels, faults);
}

function presetLevels({ preset = "smdb" }: RestSettings, levels: readonly string[] = ["rack"], faults: FaultList) {
  const pointers = PRESETS[preset].levels[levels.length - 1];
  if (pointers === undefined) {
    faults.add("preset", preset, `knows no place of ${levels.length} levels`, "say in levels where each of them is");
  }
  return levels.map((level, index) => ({ level, ...compilePointer("levels", pointers?.[index] ?? "", faults) }));
}

function givenLevels(
  given: Readonly<Record<string, string>>,
  levels: readonly string[] = Object.keys(given),
  faults: FaultList,
) {
  const pointers = new Map(Object.entries(given));
  const surplus = [...pointers.keys()].filter((name) => !levels.includes(name));
  for (const name of surplus) faults.add("levels", name, "is no level of the topology", `write ${levels.join(", ")}`);
  if (levels.length === 0) faults.add("levels", "", "names no level", "write { rack: /cabinet }");
  return levels.map((level) => {
    const pointer = pointers.get(level);
    if (pointer === undefined) faults.add("levels", level, "is missing", "say where the name of this level is");
    return { level, ...compilePointer(`levels.${level}`, pointer ?? "", faults) };
  });
}

function compilePath(source: string, text: string, known: ReadonlySet<string>, faults: FaultList): RequestTemplate {
  return faults.check(source, maskQuery(text), parseRequestTemplate(text, known)) ?? NOWHERE;
}

function compilePointer(source: string, text: string, faults: FaultList): Pointing {
  return { text, pointer: faults.check(source, text, parsePointer(text)) ?? [] };
}
