// Which tests there are and how they run: `unit` in parallel, and with them `hosts`, which are end-to-end but mostly wait; `e2e` (whole machines,
// what is measured, ports that are known) strictly one after another.
import { availableParallelism } from "node:os";
import { defaultServerConditions } from "vite";
import { configDefaults, defineConfig } from "vitest/config";

// Workspace packages load from their sources, as everywhere in a checkout.
const SOURCE_CONDITION = "@rackcast/source";
// A test may start the command a dozen times, beside other tests on two processors.
const UNIT_TIMEOUT_MS = 60_000;
const E2E_TIMEOUT_MS = 15 * 60_000;

/** Each has addresses and folders of its own, and no bound on how fast it is. */
const WAITING_E2E = "tests/e2e/{deploy-local,pull,ansible-setup}.test.ts";

const conditions = [SOURCE_CONDITION, ...defaultServerConditions];
const shared = {
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: [SOURCE_CONDITION, ...defaultServerConditions] } },
};
const processes = {
  pool: "forks" as const,
  execArgv: ["--disable-warning=ExperimentalWarning"],
};

export default defineConfig({
  test: {
    // One more than there are processors, because most tests wait for processes of their own.
    maxWorkers: availableParallelism() + 1,
    projects: [
      {
        ...shared,
        test: {
          ...processes,
          name: "unit",
          include: [
            "*/src/**/*.test.ts",
            "smdb-adapter/reference/**/*.test.ts",
            "ops/**/*.test.ts",
            "tests/{conformance,integration,simulation,support}/**/*.test.ts",
          ],
          exclude: [...configDefaults.exclude, "**/dist/**"],
          testTimeout: UNIT_TIMEOUT_MS,
          hookTimeout: UNIT_TIMEOUT_MS,
          sequence: { groupOrder: 0 },
        },
      },
      {
        ...shared,
        test: {
          ...processes,
          name: "hosts",
          include: [WAITING_E2E],
          testTimeout: E2E_TIMEOUT_MS,
          hookTimeout: E2E_TIMEOUT_MS,
          sequence: { groupOrder: 0 },
        },
      },
      {
        ...shared,
        test: {
          ...processes,
          name: "e2e",
          include: ["tests/e2e/**/*.test.ts"],
          exclude: [...configDefaults.exclude, WAITING_E2E],
          fileParallelism: false,
          testTimeout: E2E_TIMEOUT_MS,
          hookTimeout: E2E_TIMEOUT_MS,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
