import { createMemoryStore } from "../../tracker/src/store/memory-store.ts";
import { hostAddressText } from "../../tracker/src/wire/compact-address.ts";
import { swarmStoreSuite } from "./swarm-store-suite.ts";

swarmStoreSuite("memory", (policy, random) =>
  createMemoryStore({ policy, random, addressText: hostAddressText }, 1_700_000_000_000),
);
