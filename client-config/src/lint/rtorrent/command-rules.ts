// What single rtorrent commands do wrong: by their names, one entry each.
import type { RtorrentVersion } from "../../rtorrent/versions.ts";
import type { LintRuleId } from "../rules.ts";
import { type Command, textOf } from "./statement.ts";
import { numberOf } from "./values.ts";

export interface CommandRule {
  readonly names: RegExp;
  readonly rule: LintRuleId;
  /** Says what is wrong; undefined where nothing is. */
  judge(command: Command, version: RtorrentVersion): string | undefined;
  /** What to write instead; "" to remove the line, undefined where it depends. */
  readonly fix?: string;
}

/** Fewer leave no room for a fan, its reserve and who else comes. */
export const FEWEST_PEERS = 20;
const HIGHEST_RATE_KIBPS = 2 ** 20;
const DHT_MODES = ["disable", "off", "auto", "on"];

const value = ({ args }: Command) => numberOf(textOf(args[0]));
const text = ({ args }: Command) => textOf(args[0]).trim();
const always = (problem: string) => () => problem;
/** A call or a variable, whose value shows only when the client runs. */
const isOpen = ({ args }: Command) => args[0]?.kind !== "text" || args[0].text.startsWith("$");

export const COMMAND_RULES: readonly CommandRule[] = [
  {
    names: /^(dht|dht\.mode\.set)$/,
    rule: "bad-value",
    judge: (command) =>
      isOpen(command) || DHT_MODES.includes(text(command))
        ? undefined
        : `DHT knows no mode ${JSON.stringify(text(command))}`,
    fix: "dht.mode.set = disable",
  },
  {
    names: /^(dht|dht\.mode\.set)$/,
    rule: "dht",
    judge: (command) => (["auto", "on"].includes(text(command)) ? `DHT is ${text(command)}` : undefined),
    fix: "dht.mode.set = disable",
  },
  {
    names: /^(dht\.add_node|dht\.add_bootstrap)$/,
    rule: "dht",
    judge: always("DHT gets a node to start from"),
    fix: "",
  },
  {
    names: /^protocol\.pex\.set$/,
    rule: "pex",
    judge: (command) => (value(command) ? "peer exchange is on" : undefined),
    fix: "protocol.pex.set = no",
  },
  {
    names: /^trackers\.use_udp\.set$/,
    rule: "udp-trackers",
    judge: (command, version) => (version !== "0.16" && value(command) ? "UDP trackers are used" : undefined),
    fix: "trackers.use_udp.set = no",
  },
  {
    names: /^(add_peer|d\.add_peer|d\.tracker\.insert|trackers\.enable_extra)$/,
    rule: "foreign-peers",
    judge: ({ name }) => `${name} brings in peers that the tracker did not name`,
    fix: "",
  },
  {
    names:
      /^(network\.http\.proxy_address\.set|network\.proxy\.(http|global)\.set|proxy_address|network\.proxy_address\.set)$/,
    rule: "proxy",
    judge: (command) => (text(command) === "" ? undefined : `announces or peers go through ${text(command)}`),
  },
  {
    names: /^(network\.scgi\.open_port|scgi_port)$/,
    rule: "open-control",
    judge: (command) => `control listens on TCP, at ${text(command) || "a port"}, and asks nobody who they are`,
    fix: 'network.scgi.open_local = "/run/rtorrent/rpc.sock"',
  },
  {
    names: /^system\.umask\.set$/,
    rule: "umask",
    judge: (command) => (letsOthersWrite(text(command)) ? `with ${text(command)} others may write` : undefined),
    fix: "system.umask.set = 0022",
  },
  {
    names: /^(execute2?|execute\.\w+(\.\w+)*|system\.daemon\.exec|execute_\w+)$/,
    rule: "execute",
    judge: ({ name }) => `${name} runs a program`,
  },
  {
    names: /^(try_)?import$/,
    rule: "unchecked-import",
    judge: (command) => `${text(command) || "a file"} is imported`,
  },
  {
    names: /^(throttle\.max_peers\.(normal|seed)\.set|max_peers|max_peers_seed)$/,
    rule: "few-peers",
    judge: judgePeers,
    fix: "throttle.max_peers.normal.set = 200",
  },
  {
    names: /^(pieces\.hash\.on_completion\.set|check_hash)$/,
    rule: "hash-on-completion",
    judge: (command) => (value(command) ? "the payload is hashed again when it is complete" : undefined),
    fix: "pieces.hash.on_completion.set = no",
  },
  {
    names: /^(ratio|group\.seeding\.ratio)\.enable$/,
    rule: "stops-seeding",
    judge: always("seeding ends at a ratio"),
    fix: "",
  },
  {
    names:
      /^(protocol\.pex|trackers\.use_udp|pieces\.hash\.on_completion|network\.port_random|system\.daemon|pieces\.sync\.always_safe)\.set$/,
    rule: "bad-value",
    judge: (command) =>
      isOpen(command) || value(command) !== undefined
        ? undefined
        : `${command.name} takes yes or no, not ${JSON.stringify(text(command))}`,
  },
  {
    names: /^(throttle\.global_(up|down)\.max_rate\.set_kb|upload_rate|download_rate)$/,
    rule: "bad-value",
    judge: (command) =>
      (value(command) ?? 0) > HIGHEST_RATE_KIBPS
        ? `${command.name} may be ${HIGHEST_RATE_KIBPS} KiB/s at most; 0 is no limit`
        : undefined,
  },
];

function judgePeers(command: Command): string | undefined {
  const peers = value(command);
  if (peers === undefined || peers < 0 || peers >= FEWEST_PEERS) return undefined;
  return `a torrent has ${peers} peers at most; let it have ${FEWEST_PEERS} or more`;
}

/** An umask without the bit that takes writing from others; it is read as octal. */
function letsOthersWrite(umask: string): boolean {
  return /^[0-7]+$/.test(umask) && (Number.parseInt(umask, 8) & 0o002) === 0;
}
