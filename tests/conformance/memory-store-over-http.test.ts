import { createMemoryStore } from "../../tracker/src/store/memory-store.ts";
import { hostAddressText } from "../../tracker/src/wire/compact-address.ts";
import { announceOverHttpSuite } from "./announce-over-http-suite.ts";

announceOverHttpSuite("memory", (policy) =>
  createMemoryStore({ policy, random: Math.random, addressText: hostAddressText }, Date.now()),
);
