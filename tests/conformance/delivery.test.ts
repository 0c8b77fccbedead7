import { createMemoryLedger } from "../support/memory-ledger.ts";
import { deliverySuite } from "./delivery-suite.ts";

deliverySuite("memory", () => {
  const ledger = createMemoryLedger();
  return { ledger, add: (count) => ledger.add(count), remove: () => {} };
});
