// The `command` resolver: a program of the operator's that is given an address and prints a path.
import { type Static, Type } from "typebox";
import { TopologyError } from "../errors.ts";
import { defineResolverKind, type ResolverContext } from "../resolver-kind.ts";
import { parseTopologyPath } from "../topology-path.ts";
import type { Location, TopologyResolver } from "../topology-resolver.ts";
import { requireProgram, runProgram } from "./program.ts";

const settings = Type.Object(
  {
    command: Type.Array(Type.String(), {
      description: "Program and arguments; {address} in an argument is replaced, else the address comes last. No shell",
      minItems: 1,
    }),
    concurrency: Type.Integer({
      description: "Most programs that run at the same time",
      default: 8,
      minimum: 1,
      maximum: 1000,
    }),
  },
  { additionalProperties: false },
);

export const commandKind = defineResolverKind({
  type: "command",
  settings,
  isLocal: false,
  mostAtOnce: ({ concurrency }) => concurrency,
  start: startCommand,
});

const MOST_OUTPUT_BYTES = 4096;
const ADDRESS = "{address}";
const START_REMEDY = "name a program by its path, or by a name in PATH, that this user may execute";
const RUN_REMEDY = "run it by hand with this address; it must print a path, or nothing, and exit with 0";

async function startCommand(
  { command }: Static<typeof settings>,
  { name, levels, timeoutMs, onEvent, programPrefix = [] }: ResolverContext,
): Promise<TopologyResolver> {
  const [program = ""] = command;
  await requireProgram(program, name, START_REMEDY);
  const closing = new AbortController();

  async function ask(address: string): Promise<string> {
    try {
      const run = { timeoutMs, mostOutputBytes: MOST_OUTPUT_BYTES, signal: closing.signal };
      return (await runProgram({ command: [...programPrefix, ...withAddress(command, address)], ...run })).trim();
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      const what = `resolver ${name}: ${program} failed for ${address}: ${reason}`;
      throw new TopologyError({ code: "RESOLVER_FAILED", problem: what, remedy: RUN_REMEDY, cause });
    }
  }

  return {
    name,
    async locate(address): Promise<Location | undefined> {
      const printed = await ask(address);
      if (printed === "") return undefined;
      const path = parseTopologyPath(printed, levels);
      if (path.ok) return { path: path.value, resolver: name };
      const what = `${address}: what ${program} printed ${path.problem}: ${JSON.stringify(printed)}; ${path.remedy}`;
      onEvent({ kind: "fault", resolver: name, fault: "path-refused", problem: what });
      return undefined;
    },
    reload: async () => {},
    close: async () => closing.abort(),
  };
}

function withAddress(command: readonly string[], address: string): readonly string[] {
  if (!command.some((part) => part.includes(ADDRESS))) return [...command, address];
  return command.map((part) => part.replaceAll(ADDRESS, address));
}
