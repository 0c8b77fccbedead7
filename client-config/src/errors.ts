// The coded errors of this package; every message may be shown to a user and says what to do next.

export const CONFIG_ERRORS = {
  /** Settings that break their schema, or a rule between two of them; `faults` lists every one. */
  SETTINGS_INVALID: "correct the settings listed",
} as const;

export type ConfigErrorCode = keyof typeof CONFIG_ERRORS;

/** One setting that is wrong. */
export interface ConfigFault {
  /** The setting's name, dotted where it is nested: `bandwidth.share`. */
  readonly setting: string;
  readonly problem: string;
}

/** Any failure of this package. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly code: ConfigErrorCode;
  /** Every fault at once, in the order of the schema. */
  readonly faults: readonly ConfigFault[];

  constructor(code: ConfigErrorCode, subject: string, faults: readonly ConfigFault[]) {
    const lines = faults.map(({ setting, problem }) => `\n  ${setting} ${problem}`);
    super(`${subject}; ${CONFIG_ERRORS[code]}:${lines.join("")}`);
    this.code = code;
    this.faults = faults;
  }
}
