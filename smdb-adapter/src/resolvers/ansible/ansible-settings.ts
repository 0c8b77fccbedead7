// The settings of the `ansible` resolver, and what they come to.
import { type Static, Type } from "typebox";
import { parseNamedGroups } from "../../named-groups.ts";
import type { ResolverContext } from "../../resolver-kind.ts";
import { createSettingsFaults } from "../../settings-faults.ts";
import type { HostPlaceOptions } from "./host-place.ts";

export const ansibleSettings = Type.Object(
  {
    inventory: Type.Array(Type.String({ minLength: 1 }), {
      description: "Inventory files and folders, as after ansible-inventory's -i",
      minItems: 1,
    }),
    command: Type.Array(Type.String(), {
      description: "Program that lists an inventory, with its first arguments",
      default: ["ansible-inventory"],
      minItems: 1,
    }),
    levels: Type.Record(Type.String(), Type.String(), {
      description: "Host variable that names a level, by level, such as dc: site; the level's own name where left out",
      default: {},
    }),
    groups: Type.Array(Type.String(), {
      description: "Regular expressions for names of groups, with named groups as levels, such as ^rack_(?<rack>.+)$",
      default: [],
    }),
    address_variables: Type.Array(Type.String(), {
      description: "Host variables that hold addresses of a host",
      default: ["ansible_host"],
    }),
    lookup_names: Type.Boolean({
      description: "Whether hosts without an address are looked up by their name",
      default: false,
    }),
    list_timeout: Type.Number({
      description: "Seconds that listing the inventory may take",
      default: 60,
      exclusiveMinimum: 0,
      maximum: 3600,
    }),
  },
  { additionalProperties: false },
);

export type AnsibleSettings = Static<typeof ansibleSettings>;

const ONE_LEVEL = ["rack"];

/** Throws `RESOLVER_SETTINGS_FAULTY` with everything that is wrong with them. */
export function planPlaces(settings: AnsibleSettings, { name, levels }: ResolverContext): HostPlaceOptions {
  const known = levels ?? ONE_LEVEL;
  const remedy = `the levels are ${known.join(", ")}`;
  const { blame, taken, refuse } = createSettingsFaults(name);

  function patternOf(text: string): RegExp | undefined {
    const parsed = taken("groups", text, parseNamedGroups(text));
    if (parsed === undefined) return undefined;
    const { pattern, groups } = parsed;
    const strange = groups.filter((group) => !known.includes(group));
    if (groups.length === 0) blame("groups", text, "has no named group", `name one (?<${known.at(-1)}>…); ${remedy}`);
    if (strange.length > 0)
      blame("groups", text, `has a group named ${strange.join(" and ")}, which is no level`, remedy);
    return pattern;
  }

  for (const level of Object.keys(settings.levels)) {
    if (!known.includes(level)) blame("levels", level, "is no level", remedy);
  }
  const groupPatterns = settings.groups.map(patternOf).filter((pattern) => pattern !== undefined);
  refuse();
  return { levels: known, variables: new Map(Object.entries(settings.levels)), groupPatterns };
}
