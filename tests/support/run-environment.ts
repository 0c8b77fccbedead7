// What a process that a test starts has in its environment, however little else that is.

/** By the mark processes that were left behind are found (ops/test.mjs); the cache is for programs of this project, which start sooner with it. */
export const RUN_ENVIRONMENT = {
  PATH: process.env["PATH"],
  RACKCAST_TEST_RUN: process.env["RACKCAST_TEST_RUN"],
  NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"],
};
