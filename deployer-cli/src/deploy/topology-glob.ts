// Topology globs: `ams1/*/rack3` chooses hosts by where they are.

/** `*` and `?` stay within a level; a glob of fewer levels takes everything below. */
export function compileTopologyGlob(glob: string): (path: readonly string[]) => boolean {
  const source = glob
    .replace(/\/+$/, "")
    .replace(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replace(/\*/g, "[^/]*")
    .replace(/\?/g, "[^/]");
  const pattern = new RegExp(`^${source}(/.*)?$`, "u");
  return (path) => pattern.test(path.join("/"));
}
