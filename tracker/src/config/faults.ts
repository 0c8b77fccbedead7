// What is wrong with a configuration, all of it at once.

/** One thing that is wrong. */
export interface ConfigFault {
  /** Where: `--port`, `PORT`, `rackcast.yaml: PORT`. */
  readonly source: string;
  /** What is there and what is taken instead. */
  readonly problem: string;
}

/** Its message lists every fault, one a line, and may be shown to a user. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly faults: readonly ConfigFault[];

  constructor(faults: readonly ConfigFault[]) {
    const what = faults.length === 1 ? "this setting" : `these ${faults.length} settings`;
    const lines = faults.map(({ source, problem }) => `  ${source}: ${problem}`);
    super([`correct ${what} and start again (--help lists all settings):`, ...lines].join("\n"));
    this.faults = faults;
  }
}
