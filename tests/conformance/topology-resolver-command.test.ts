// The command resolver under the suite, over real programs.
import { commandKind, type TopologyPath } from "@rackcast/smdb-adapter";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startKind } from "../support/start-kind.ts";
import { type ResolverUnderTest, topologyResolverSuite } from "./topology-resolver-suite.ts";

function scriptOver(text: (hosts: ReadonlyMap<string, TopologyPath>) => string, args: readonly string[] = []) {
  return async (hosts: ReadonlyMap<string, TopologyPath>): Promise<ResolverUnderTest> => {
    const folder = await mkdtemp(join(tmpdir(), "rackcast-command-"));
    const file = join(folder, "where-is");
    await writeFile(file, text(hosts), { mode: 0o755 });
    const resolver = await startKind(commandKind, { command: [file, ...args], concurrency: 4 }, { timeoutMs: 20_000 });
    return { resolver, stop: () => rm(folder, { recursive: true }) };
  };
}

const asCases = (hosts: ReadonlyMap<string, TopologyPath>) =>
  `#!/bin/sh\ncase "$1" in\n${[...hosts].map(([address, path]) => `${address}) echo ${path.join("/")} ;;\n`).join("")}esac\n`;
topologyResolverSuite("command that is given the address", scriptOver(asCases));

const asOption = (hosts: ReadonlyMap<string, TopologyPath>) =>
  asCases(hosts).replace('case "$1"', 'test $# -eq 2 || exit 3\ncase "${1#--host=}"');
topologyResolverSuite("command with the address within", scriptOver(asOption, ["--host={address}", "--plain"]));
