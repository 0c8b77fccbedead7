// The `ansible` resolver: places of the hosts of an Ansible inventory, listed again when its files change.
import { tmpdir } from "node:os";
import { resolve } from "node:path";
import { TopologyError } from "../../errors.ts";
import { defineResolverKind, type ResolverContext } from "../../resolver-kind.ts";
import { startFileWatch } from "../../topology-file/file-watch.ts";
import type { Location, TopologyResolver } from "../../topology-resolver.ts";
import { ProgramError, requireProgram, runProgram } from "../program.ts";
import { type AnsibleSettings, ansibleSettings, planPlaces } from "./ansible-settings.ts";
import { createHostAddresses } from "./host-addresses.ts";
import { inventorySignature } from "./inventory-files.ts";
import { buildInventoryTable, faultText, type InventoryTable } from "./inventory-table.ts";
import { readInventory } from "./inventory.ts";

export const ansibleKind = defineResolverKind({
  type: "ansible",
  settings: ansibleSettings,
  isLocal: true,
  start: (settings, context) => startAnsibleResolver(settings, context),
});

export interface WatchTimes {
  /** How long the files must stay unchanged before they are read again. */
  readonly settleMs: number;
  /** How often to look where the system tells of no changes, as it does of what is inside of folders. */
  readonly pollMs: number;
}

const WATCH_TIMES: WatchTimes = { settleMs: 200, pollMs: 5000 };
const MOST_OUTPUT_BYTES = 256 * 1024 * 1024;
const ENVIRONMENT = {
  // Without it an inventory that cannot be read is listed as an empty one.
  ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED: "true",
  ANSIBLE_NOCOLOR: "1",
  // Users that services run as have no home, or that of root.
  ANSIBLE_LOCAL_TEMP: process.env["ANSIBLE_LOCAL_TEMP"] ?? tmpdir(),
};

/** Rejects with `RESOLVER_SETTINGS_FAULTY`, `TOPOLOGY_FILE_UNREADABLE` or `TOPOLOGY_FILE_FAULTY` when the first listing fails. */
export async function startAnsibleResolver(
  settings: AnsibleSettings,
  context: ResolverContext,
  watchTimes: WatchTimes = WATCH_TIMES,
): Promise<TopologyResolver> {
  const { inventory } = settings;
  const { name, onEvent, programPrefix = [] } = context;
  const source = inventory.join(", ");
  const place = planPlaces(settings, context);
  const addressesOf = createHostAddresses({
    variables: settings.address_variables,
    lookUpNames: settings.lookup_names,
  });
  await requireProgram(settings.command[0] ?? "", name, "install ansible-core, or name the program by its path");
  const closing = new AbortController();

  async function readTable(): Promise<InventoryTable["table"]> {
    const hosts = parse(await list(settings, programPrefix, closing.signal), source);
    const { table, faults } = await buildInventoryTable({ hosts, source, place, addressesOf, context });
    for (const [fault, names] of faults) {
      onEvent({ kind: "fault", resolver: name, fault, problem: `${source}: ${faultText(fault, names)}` });
    }
    return table;
  }

  // Before the reading, so that a change during it counts as one.
  const files = await Promise.all(
    inventory.map(async (file) => ({ file: resolve(file), seen: await inventorySignature(file) })),
  );
  let table = await readTable();

  async function readAgain(): Promise<void> {
    if (closing.signal.aborted) return;
    try {
      table = await readTable();
      onEvent({ kind: "reloaded", resolver: name, source, entryCount: table.prefixCount });
    } catch (error) {
      if (!(error instanceof TopologyError)) throw error;
      if (!closing.signal.aborted) onEvent({ kind: "refused", resolver: name, source, error });
    }
  }

  // One after another, so that the last reading wins.
  let reading = Promise.resolve();
  const reload = () => (reading = reading.then(readAgain));
  const watches = files.map(({ file, seen }) =>
    startFileWatch({ file, onChange: reload, signatureOf: inventorySignature, ...watchTimes }, seen),
  );
  return {
    name,
    locate: (address): Location | undefined => table.locate(address),
    reload,
    async close() {
      for (const watch of watches) watch.close();
      closing.abort();
      await reading;
    },
  };
}

async function list(settings: AnsibleSettings, prefix: readonly string[], signal: AbortSignal): Promise<string> {
  const { inventory, command, list_timeout: seconds } = settings;
  try {
    return await runProgram({
      command: [...prefix, ...command, "--list", ...inventory.flatMap((file) => ["-i", file])],
      environment: ENVIRONMENT,
      timeoutMs: seconds * 1000,
      mostOutputBytes: MOST_OUTPUT_BYTES,
      signal,
    });
  } catch (cause) {
    const problem = `cannot list inventory ${inventory.join(", ")}: ${reasonOf(cause)}`;
    const remedy = `correct it until ${command.join(" ")} --list takes it`;
    throw new TopologyError({ code: "TOPOLOGY_FILE_UNREADABLE", problem, remedy, cause });
  }
}

/** All of the complaint, as the first lines of Ansible's are warnings, and file and line come further down. */
function reasonOf(cause: unknown): string {
  if (cause instanceof ProgramError) return `${cause.message}\n${cause.complaint.trim()}\n`;
  return cause instanceof Error ? cause.message : String(cause);
}

function parse(json: string, source: string) {
  try {
    return readInventory(json);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const problem = `what was listed of inventory ${source} cannot be taken: ${reason}`;
    throw new TopologyError({
      code: "TOPOLOGY_FILE_FAULTY",
      problem,
      remedy: "let command be ansible-inventory",
      cause,
    });
  }
}
