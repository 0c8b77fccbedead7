// What `ansible-inventory --list` prints: the hosts of an inventory, their variables, and the groups that they are in.

export interface InventoryHost {
  readonly name: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** All of them, those that hold them included; sorted. */
  readonly groups: readonly string[];
}

type Members = Readonly<Record<string, unknown>>;

/** Throws a SyntaxError for what is no JSON, and an Error for what is no inventory. */
export function readInventory(json: string): readonly InventoryHost[] {
  const listed: unknown = JSON.parse(json);
  if (!isRecord(listed) || !isRecord(listed["_meta"]) || !isRecord(listed["_meta"]["hostvars"])) {
    throw new Error("it is no inventory with _meta.hostvars");
  }
  const { _meta: meta, ...others } = listed;
  const variables = isRecord(meta) && isRecord(meta["hostvars"]) ? meta["hostvars"] : {};
  const groups = new Map(Object.entries(others).filter((entry): entry is [string, Members] => isRecord(entry[1])));
  const groupsOfHost = groupsByHost(groups, Object.keys(variables));
  return [...groupsOfHost].map(([name, within]) => {
    const own = variables[name];
    return { name, variables: isRecord(own) ? own : {}, groups: [...within].sort() };
  });
}

function groupsByHost(groups: ReadonlyMap<string, Members>, hosts: readonly string[]) {
  const byHost = new Map(hosts.map((host) => [host, new Set<string>()]));
  const holders = holdersOf(groups);
  for (const [group, { hosts: members }] of groups) {
    const names = withHolders(group, holders);
    for (const host of texts(members)) {
      const within = byHost.get(host) ?? new Set<string>();
      byHost.set(host, within);
      for (const name of names) within.add(name);
    }
  }
  return byHost;
}

/** The groups that a group is a child of. */
function holdersOf(groups: ReadonlyMap<string, Members>): ReadonlyMap<string, readonly string[]> {
  const holders = new Map<string, string[]>();
  for (const [group, { children }] of groups) {
    for (const child of texts(children)) holders.set(child, [...(holders.get(child) ?? []), group]);
  }
  return holders;
}

function withHolders(group: string, holders: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const found = new Set([group]);
  // A set is walked through to what is added meanwhile.
  for (const name of found) for (const holder of holders.get(name) ?? []) found.add(holder);
  return found;
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
