// Collects what is wrong with settings, so that all of it is told at once.
import { TopologyError, type TopologyFault } from "../../errors.ts";
import type { Reading } from "../../reading.ts";

export interface FaultList {
  /** `source` is the setting's name. `text` is shown: nothing secret. */
  add(source: string, text: string, problem: string, remedy: string): void;
  /** The value, or undefined after its fault is added. */
  check<T>(source: string, text: string, reading: Reading<T>): T | undefined;
  /** Throws `RESOLVER_SETTINGS_FAULTY` if there are any. */
  throwAny(resolver: string): void;
}

export function createFaultList(): FaultList {
  const faults: TopologyFault[] = [];
  const add = (source: string, text: string, problem: string, remedy: string) =>
    void faults.push({ source, text, problem, remedy });
  return {
    add,
    check(source, text, reading) {
      if (reading.ok) return reading.value;
      add(source, text, reading.problem, reading.remedy);
      return undefined;
    },
    throwAny(resolver) {
      if (faults.length === 0) return;
      const problem = `resolver ${resolver}: ${faults.length === 1 ? "a setting is" : `${faults.length} settings are`} refused`;
      throw new TopologyError({ code: "RESOLVER_SETTINGS_FAULTY", problem, faults });
    },
  };
}
