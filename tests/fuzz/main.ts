// Feeds a front end's reader with mutated input and reports what came of it: `npm run fuzz -- --frontend http --packets 10000000`.
import { parseArgs } from "node:util";
import { fuzzHttp } from "./http.ts";

interface FuzzOptions {
  readonly packets: number;
  readonly seed: number;
}

/** Each throws at the first fault, and shows the input. */
const FRONTENDS: Readonly<Record<string, (options: FuzzOptions) => Promise<object>>> = {
  http: ({ packets, seed }) => fuzzHttp({ inputs: packets, compared: Math.ceil(packets / 20), seed }),
};

const { values } = parseArgs({
  options: {
    frontend: { type: "string", default: "http" },
    packets: { type: "string", default: "1000000" },
    seed: { type: "string", default: String(Date.now() % 2 ** 32) },
  },
});
const fuzz = FRONTENDS[values.frontend];
if (fuzz === undefined) {
  throw new Error(`no front end is called ${values.frontend}; there are: ${Object.keys(FRONTENDS).join(", ")}`);
}
console.log(`fuzzing ${values.frontend} with ${values.packets} inputs, --seed ${values.seed}`);
const started = performance.now();
const report = await fuzz({ packets: Number(values.packets), seed: Number(values.seed) });
console.log(report, `${((performance.now() - started) / 1000).toFixed(1)} s`);
