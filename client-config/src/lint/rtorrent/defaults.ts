// What an rtorrent does where its file says nothing, and should be told not to.
import type { RtorrentVersion } from "../../rtorrent/versions.ts";
import type { Fault } from "../finding.ts";
import type { LintRuleId } from "../rules.ts";
import type { Statement } from "./statement.ts";

interface Default {
  readonly says: RegExp;
  readonly rule: LintRuleId;
  readonly message: string;
  readonly fix: string;
  readonly versions: readonly RtorrentVersion[];
}

const DEFAULTS: readonly Default[] = [
  {
    says: /^(dht|dht\.mode\.set)$/,
    rule: "dht",
    message: "DHT is on by itself, unless it is switched off",
    fix: "dht.mode.set = disable",
    // 0.9.8 begins with it off.
    versions: ["0.16"],
  },
  {
    says: /^protocol\.pex\.set$/,
    rule: "pex",
    message: "peer exchange is on, unless it is switched off",
    fix: "protocol.pex.set = no",
    versions: ["0.9.8", "0.15", "0.16"],
  },
  {
    says: /^trackers\.use_udp\.set$/,
    rule: "udp-trackers",
    message: "UDP trackers are used, unless they are refused",
    fix: "trackers.use_udp.set = no",
    versions: ["0.9.8", "0.15"],
  },
];

export function defaultFaults(statements: readonly Statement[], version: RtorrentVersion, lastLine: number): Fault[] {
  return DEFAULTS.filter(
    ({ says, versions }) => versions.includes(version) && !statements.some(({ name }) => says.test(name)),
  ).map(({ rule, message, fix }) => ({ line: lastLine, rule, message, fix }));
}
