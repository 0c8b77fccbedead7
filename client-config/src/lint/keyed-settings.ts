// Checks configurations that are keys and values: each key has a rule, a default, and values that are sound.
import type { Fault } from "./finding.ts";
import type { LintRuleId } from "./rules.ts";

export interface KeyedSetting {
  readonly line: number;
  readonly value: string;
}

export interface KeyedConfig {
  readonly settings: ReadonlyMap<string, KeyedSetting>;
  /** At least 1. */
  readonly lineCount: number;
}

export interface KeyRule {
  readonly key: string;
  readonly rule: LintRuleId;
  /** What counts where the key is missing. */
  readonly byDefault: string;
  isSound(value: string, config: KeyedConfig): boolean;
  /** The line to write. */
  readonly fix: string;
}

export function keyedFaults(config: KeyedConfig, rules: readonly KeyRule[]): Fault[] {
  return rules.flatMap(({ key, rule, byDefault, isSound, fix }): Fault[] => {
    const given = config.settings.get(key);
    if (isSound(given?.value ?? byDefault, config)) return [];
    const said = given ? `${key} is ${given.value}` : `${key} is missing, and ${byDefault || "open"} by default`;
    return [{ line: given?.line ?? config.lineCount, rule, message: said, fix }];
  });
}

export const is = (wanted: string) => (value: string) => value === wanted;
export const isNot = (unwanted: string) => (value: string) => value !== unwanted;
/** 0 and less are no limit. */
export const atLeastOrUnlimited = (least: number) => (value: string) => Number(value) <= 0 || Number(value) >= least;
export const isLoopback = (value: string) => /^(127\.|::1$|localhost$|unix:)/.test(value);
