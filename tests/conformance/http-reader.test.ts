// The reader of HTTP heads against node:http: whatever it reads, node:http reads the same. `npm run fuzz` does more of it.
import { expect, it } from "vitest";
import { fuzzHttp } from "../fuzz/http.ts";

it("reads nothing that node:http does not read the same", async () => {
  const report = await fuzzHttp({ inputs: 30_000, compared: 10_000, seed: 20_261_124 });
  // A comparison of nothing would pass, too.
  expect(report.read).toBeGreaterThan(5_000);
  for (const count of Object.values(report.endings)) expect(count).toBeGreaterThan(1_000);
  expect(report.compared).toBe(10_000);
});
