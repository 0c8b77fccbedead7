// What the settings of the `dns` resolver come to: whom to ask, and in which records to look.
import { getServers } from "node:dns";
import { parseNamedGroups } from "../../named-groups.ts";
import type { ResolverContext } from "../../resolver-kind.ts";
import { createSettingsFaults } from "../../settings-faults.ts";
import { fillTemplate, parseTemplate, type TextTemplate } from "../../text-template.ts";
import { parseTopologyPath } from "../../topology-path.ts";
import type { DnsSettings } from "./dns-settings.ts";
import { createGlobeGrid } from "./globe-grid.ts";
import { createLocSight, LOC_PARTS } from "./loc-sight.ts";
import { createPtrSight } from "./ptr-sight.ts";
import { NAME_PARTS } from "./record-name.ts";
import { parseServerAddress, type ServerAddress } from "./server-address.ts";
import type { Sight } from "./sighting.ts";
import { createTxtSight } from "./txt-sight.ts";

export interface DnsPlan {
  readonly servers: readonly ServerAddress[];
  /** In the order in which they are tried. */
  readonly sights: readonly Sight[];
}

const ONE_LEVEL = ["rack"];

/** Throws `RESOLVER_SETTINGS_FAULTY` with everything that is wrong with them. */
export function planDns(settings: DnsSettings, { name: resolver, levels }: ResolverContext): DnsPlan {
  const groups = levels ?? ONE_LEVEL;
  const { blame, taken, refuse } = createSettingsFaults(resolver);

  function serverOf(text: string): ServerAddress | undefined {
    const server = parseServerAddress(text);
    return server ?? blame("servers", text, "is not the address of a server", "write 10.0.0.53, or [fd00::53]:53");
  }

  function pathTemplate(setting: string, text: string, parts: readonly string[]): TextTemplate | undefined {
    const template = taken(setting, text, parseTemplate(text, parts));
    if (template === undefined) return undefined;
    // Filled with anything, as the depth is the same for all.
    const filled = fillTemplate(template, () => "x");
    return taken(setting, text, parseTopologyPath(filled, levels)) && template;
  }

  function ptrSight(): Sight | undefined {
    const { pattern: text } = settings;
    if (text === undefined) {
      return blame("pattern", "", "is needed to read PTR names", "add one with a named group for each level");
    }
    const pattern = taken("pattern", text, parseNamedGroups(text));
    if (pattern === undefined) return undefined;
    const path = settings.path === undefined ? undefined : pathTemplate("path", settings.path, pattern.groups);
    const missing = settings.path === undefined ? groups.filter((level) => !pattern.groups.includes(level)) : [];
    if (missing.length === 0) return createPtrSight({ pattern: pattern.pattern, path, groups, levels });
    const problem = `has no group named ${missing.join(" or ")}`;
    return blame("pattern", text, problem, "name a group (?<rack>…) for each level, or set path");
  }

  function recordName(setting: "txt_name" | "loc_name"): TextTemplate | undefined {
    return taken(setting, settings[setting], parseTemplate(settings[setting], NAME_PARTS));
  }

  function txtSight(): Sight | undefined {
    const name = recordName("txt_name");
    return name && createTxtSight({ name, keys: groups, levels });
  }

  function locSight(): Sight | undefined {
    const name = recordName("loc_name");
    const path = pathTemplate("loc_path", settings.loc_path, LOC_PARTS);
    return name && path && createLocSight({ name, path, grid: createGlobeGrid(settings.loc_cell_metres), levels });
  }

  const makers = { ptr: ptrSight, txt: txtSight, loc: locSight };
  const sights = settings.records.map((record) => makers[record]()).filter((sight) => sight !== undefined);
  const texts = settings.servers.length > 0 ? settings.servers : getServers();
  const servers = texts.map(serverOf).filter((server) => server !== undefined);
  if (texts.length === 0) blame("servers", "", "are needed, as the system has none", "name one, such as 10.0.0.53");
  refuse();
  return { servers, sights };
}
