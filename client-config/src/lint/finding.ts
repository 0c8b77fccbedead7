// What a check of a configuration finds.
import { LINT_RULES, type LintRuleId, type Severity } from "./rules.ts";

export interface Finding {
  /** From 1. What is missing is found at the last line. */
  readonly line: number;
  readonly rule: LintRuleId;
  readonly severity: Severity;
  /** What is wrong, with the command or key at fault. */
  readonly message: string;
  readonly why: string;
  /** The line to write instead; "" is to remove it; undefined where it depends. */
  readonly fix: string | undefined;
}

export interface Fault {
  readonly line: number;
  readonly rule: LintRuleId;
  readonly message: string;
  readonly fix?: string;
}

export function findingOf({ line, rule, message, fix }: Fault): Finding {
  const { severity, why } = LINT_RULES[rule];
  return { line, rule, severity, message, why, fix };
}
