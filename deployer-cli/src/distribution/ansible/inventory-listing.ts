// What `ansible-inventory --list` prints: every group with all of its hosts, and where each host is reached.

export interface ListedInventory {
  /** Hosts of the groups that it holds are in a group, too. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
  /** An address or a name to look up: `rackcast_address`, or else where Ansible connects to. */
  readonly hosts: ReadonlyMap<string, string>;
}

type Members = Readonly<Record<string, unknown>>;

/** Throws a SyntaxError for what is no such listing. */
export function readInventoryListing(json: string): ListedInventory {
  const listed: unknown = JSON.parse(json);
  if (!isRecord(listed) || !isRecord(listed["_meta"])) throw new SyntaxError("it is no inventory with _meta");
  const { _meta: meta, ...others } = listed;
  const tree = new Map(Object.entries(others).filter((entry): entry is [string, Members] => isRecord(entry[1])));
  const groups = new Map([...tree.keys(), "all"].map((name) => [name, hostsWithin(name, tree)]));
  const variables = isRecord(meta) && isRecord(meta["hostvars"]) ? meta["hostvars"] : {};
  const names = [...new Set([...groups.values()].flat())];
  return { groups, hosts: new Map(names.map((name) => [name, placeOf(name, variables[name])])) };
}

function hostsWithin(group: string, tree: ReadonlyMap<string, Members>): readonly string[] {
  const within = new Set([group]);
  // A set is walked through to what is added meanwhile.
  for (const name of within) for (const child of texts(tree.get(name)?.["children"])) within.add(child);
  return [...new Set([...within].flatMap((name) => texts(tree.get(name)?.["hosts"])))];
}

function placeOf(name: string, variables: unknown): string {
  const { rackcast_address: own, ansible_host: connected } = isRecord(variables) ? variables : {};
  return [own, connected].find((value) => typeof value === "string" && value !== "")?.toString() ?? name;
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
