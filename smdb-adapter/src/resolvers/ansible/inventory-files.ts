// Where an inventory is on disk, and what changes when any of it does: Ansible reads more than the files that it is given.
import { readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileSignature } from "../../topology-file/file-watch.ts";

/** Folders beside an inventory whose files it takes variables from. */
const VARIABLE_FOLDERS = ["group_vars", "host_vars"];

/** Of an inventory file with its variables beside it, or of a folder with everything in it. */
export async function inventorySignature(source: string): Promise<string> {
  const isFolder = await stat(source).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  if (isFolder) return await folderSignature(source);
  const variables = VARIABLE_FOLDERS.map((folder) => folderSignature(join(dirname(source), folder)));
  return [await fileSignature(source), ...(await Promise.all(variables))].join("\n");
}

async function folderSignature(folder: string): Promise<string> {
  const found = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  const files = found.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
  const signatures = await Promise.all(files.sort().map(async (file) => `${file} ${await fileSignature(file)}`));
  return signatures.join("\n");
}
