// Gathers what is wrong with a resolver's settings, so that all of it is refused at once.
import { TopologyError, type TopologyFault } from "./errors.ts";
import type { Reading } from "./reading.ts";

export interface SettingsFaults {
  /** Notes a fault of one setting; `text` is what was written. */
  blame(setting: string, text: string, problem: string, remedy: string): undefined;
  /** The value of a reading, or a fault noted and undefined. */
  taken<T>(setting: string, text: string, reading: Reading<T>): T | undefined;
  /** Throws `RESOLVER_SETTINGS_FAULTY` if there is a fault. */
  refuse(): void;
}

export function createSettingsFaults(resolver: string): SettingsFaults {
  const faults: TopologyFault[] = [];

  function blame(setting: string, text: string, problem: string, remedy: string): undefined {
    faults.push({ source: `${resolver}.${setting}`, text, problem, remedy });
  }

  return {
    blame,
    taken: (setting, text, reading) =>
      reading.ok ? reading.value : blame(setting, text, reading.problem, reading.remedy),
    refuse() {
      if (faults.length === 0) return;
      const problem = `resolver ${resolver} has settings that do not work`;
      throw new TopologyError({ code: "RESOLVER_SETTINGS_FAULTY", problem, faults });
    },
  };
}
