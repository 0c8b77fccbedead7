// Sinks as the setting names them, closed with the test.
import { afterEach } from "vitest";
import type { DeltaSink } from "../../tracker/src/accounting/delta-sink.ts";
import { openSink } from "../../tracker/src/accounting/sinks/open-sink.ts";
import { readSinkAddress } from "../../tracker/src/config/sink-address.ts";

export interface SinkWorld {
  /** What sinks said of what they write to. */
  readonly logged: string[];
  open(address: string): Promise<DeltaSink>;
}

/** To be called where tests are defined. */
export function createSinkWorld(): SinkWorld {
  const sinks: DeltaSink[] = [];
  const logged: string[] = [];
  afterEach(async () => {
    await Promise.all(sinks.splice(0).map((sink) => sink.close()));
    logged.length = 0;
  });
  const write = (_: object, message: string) => void logged.push(message);

  return {
    logged,
    async open(address) {
      const settings = readSinkAddress(address);
      if (typeof settings === "string") throw new Error(settings);
      const sink = await openSink(settings, {
        log: { warn: write, info: write },
        random: Math.random,
        now: Date.now,
      });
      sinks.push(sink);
      return sink;
    },
  };
}

/** What a write is refused with. */
export async function refusalOf(writing: Promise<void>): Promise<unknown> {
  return writing.then(
    () => undefined,
    (error: unknown) => error,
  );
}
