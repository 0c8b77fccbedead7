// The `file` resolver: places by longest prefix, from a topology file that is read again when it changes.
import { resolve } from "node:path";
import { Type } from "typebox";
import { TopologyError } from "../errors.ts";
import { defineResolverKind } from "../resolver-kind.ts";
import type { Location, TopologyResolver } from "../topology-resolver.ts";
import { fileSignature, startFileWatch } from "../topology-file/file-watch.ts";
import { loadTopology, readTopologyFile } from "../topology-file/topology-file.ts";
import type { TopologyFormat } from "../topology-file/topology-text.ts";

export type ReloadResult =
  | { readonly kind: "loaded"; readonly file: string; readonly prefixCount: number }
  /** The file was refused; the resolver goes on with what it had. */
  | { readonly kind: "refused"; readonly file: string; readonly error: TopologyError };

export interface FileResolverOptions {
  readonly file: string;
  /** Default: by extension (`.csv`, `.yaml`, `.yml`), else by content. */
  readonly format?: TopologyFormat | undefined;
  /** Names of the levels, outermost first; paths of another depth are refused. Any depth goes when left out. */
  readonly levels?: readonly string[] | undefined;
  /** Told of every later reading of the file, never of the first. */
  readonly onReload?: ((result: ReloadResult) => void) | undefined;
  /** How long the file must stay unchanged before it is read again; default 200. */
  readonly settleMs?: number | undefined;
  /** How often to look where the system tells of no changes; default 5000. */
  readonly pollMs?: number | undefined;
  /** Default `file`. */
  readonly name?: string | undefined;
}

export interface FileResolver extends TopologyResolver {
  /** Of the table in use. */
  readonly prefixCount: number;
  /** Always at once. */
  locate(address: string): Location | undefined;
}

/** Rejects with `TOPOLOGY_FILE_UNREADABLE` or `TOPOLOGY_FILE_FAULTY` when the first reading fails. */
export async function startFileResolver(options: FileResolverOptions): Promise<FileResolver> {
  const { file, format, levels, onReload, name = "file", settleMs = 200, pollMs = 5000 } = options;
  const readTable = async () =>
    loadTopology({ file, text: await readTopologyFile(file), format, levels, resolver: name });

  // Before the reading, so that a change during it counts as one.
  const signature = await fileSignature(file);
  let table = await readTable();

  async function replaceTable(): Promise<ReloadResult> {
    try {
      table = await readTable();
      return { kind: "loaded", file, prefixCount: table.prefixCount };
    } catch (error) {
      if (!(error instanceof TopologyError)) throw error;
      return { kind: "refused", file, error };
    }
  }

  async function readAgain(): Promise<void> {
    onReload?.(await replaceTable());
  }

  // One after another, so that the last reading wins.
  let reading = Promise.resolve();
  const reload = () => (reading = reading.then(readAgain));

  const watching = startFileWatch({ file: resolve(file), onChange: reload, settleMs, pollMs }, signature);
  return {
    name,
    get prefixCount() {
      return table.prefixCount;
    },
    locate: (address) => table.locate(address),
    reload,
    async close() {
      watching.close();
      await reading;
    },
  };
}

export const fileKind = defineResolverKind({
  type: "file",
  isLocal: true,
  settings: Type.Object({
    file: Type.String({
      minLength: 1,
      description: "the file that says which addresses are where, such as /etc/rackcast/topology.txt",
    }),
    format: Type.Optional(
      Type.Enum(["lines", "csv", "yaml"], { description: "its format, where neither name nor content tell it" }),
    ),
  }),
  start: ({ file, format }, { name, levels, onEvent }) =>
    startFileResolver({
      file,
      format,
      levels,
      name,
      onReload(result) {
        const about = { resolver: name, source: file };
        if (result.kind === "refused") onEvent({ kind: "refused", ...about, error: result.error });
        else onEvent({ kind: "reloaded", ...about, entryCount: result.prefixCount });
      },
    }),
});
