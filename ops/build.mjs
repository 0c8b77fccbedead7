// Builds every package into its dist/: JavaScript and declarations by tsc, and what is not TypeScript by copying.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, statSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const PACKAGES = ["smdb-adapter", "tracker", "client-config", "deployer-cli"];

const { status } = spawnSync(join(root, "node_modules/.bin/tsc"), ["--build", "tsconfig.build.json"], {
  cwd: root,
  stdio: "inherit",
});
if (status !== 0) process.exit(status ?? 1);
for (const name of PACKAGES) copyAssets(join(root, name, "src"), join(root, name, "dist"));
cpSync(join(root, "ops/ansible"), join(root, "deployer-cli/dist/ansible"), { recursive: true });

function copyAssets(from, to) {
  if (existsSync(from)) cpSync(from, to, { recursive: true, filter: isFolderOrAsset });
}

/** Written declarations (`*.d.ts`) count as assets: tsc reads them but does not emit them. */
function isFolderOrAsset(path) {
  return statSync(path).isDirectory() || path.endsWith(".d.ts") || !path.endsWith(".ts");
}
