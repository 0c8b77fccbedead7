// Feeds the front ends random and mutated input and reports what came of it: `npm run fuzz -- --frontend all --packets 10000000`.
import { parseArgs } from "node:util";
import type { FuzzOptions } from "./fuzz-run.ts";
import { fuzzHttp } from "./http.ts";
import { fuzzHttpAnswers } from "./http-answers.ts";
import { fuzzLive } from "./live.ts";
import { fuzzUdp } from "./udp.ts";
import { fuzzWebtorrent } from "./webtorrent.ts";
import { fuzzHttpTcp, fuzzWebsocketTcp } from "./tcp.ts";
import { fuzzUdpSocket } from "./udp-sockets.ts";

/** Each throws at the first fault, and shows the input. */
const FRONTENDS: Readonly<Record<string, (options: FuzzOptions) => Promise<object>>> = {
  udp: fuzzUdp,
  http: fuzzHttpAnswers,
  "http-reader": ({ inputs, seed }) => fuzzHttp({ inputs, compared: Math.ceil(inputs / 20), seed }),
  webtorrent: fuzzWebtorrent,
  live: fuzzLive,
};
/** The same over sockets of the system, for a part of the inputs. */
const SAMPLED: Readonly<Record<string, (options: FuzzOptions) => Promise<object>>> = {
  "udp-batched": (options) => fuzzUdpSocket("batched", options),
  "udp-dgram": (options) => fuzzUdpSocket("dgram", options),
  "http-tcp": fuzzHttpTcp,
  "webtorrent-tcp": (options) => fuzzWebsocketTcp("webtorrent", options),
  "live-tcp": (options) => fuzzWebsocketTcp("live", options),
};
const SAMPLED_OF = 500;
// Whoever refuses makes an error, and to trace where takes longer than to refuse.
Error.stackTraceLimit = 0;

const { values } = parseArgs({
  options: {
    frontend: { type: "string", default: "all" },
    packets: { type: "string", default: "1000000" },
    seed: { type: "string", default: String(Date.now() % 2 ** 32) },
  },
});
/** Of all front ends, or of one with its samples; or a sample by itself, as large as is said. */
const chosen = Object.keys({ ...FRONTENDS, ...SAMPLED }).filter(
  (name) =>
    values.frontend === "all" ||
    name === values.frontend ||
    (name in SAMPLED && name.startsWith(`${values.frontend}-`)),
);
if (chosen.length === 0) {
  throw new Error(
    `no front end is called ${values.frontend}; there are: all, ${Object.keys({ ...FRONTENDS, ...SAMPLED }).join(", ")}`,
  );
}
for (const name of chosen) {
  const isSample = name in SAMPLED && name !== values.frontend;
  const inputs = isSample ? Math.ceil(Number(values.packets) / SAMPLED_OF) : Number(values.packets);
  console.log(`fuzzing ${name} with ${inputs} inputs, --seed ${values.seed}`);
  const started = performance.now();
  const report = await { ...FRONTENDS, ...SAMPLED }[name]?.({ inputs, seed: Number(values.seed) });
  console.log(report, `${((performance.now() - started) / 1000).toFixed(1)} s`);
}
