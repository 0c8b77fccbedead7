// The rules that a client's configuration is checked against. ops/docs/client-configuration.md has the same table; a test compares.

export type Severity = "error" | "warning";

export interface LintRule {
  readonly severity: Severity;
  /** Why it matters, in one sentence. */
  readonly why: string;
}

export const LINT_RULES = {
  // Peers that the tracker did not name.
  dht: { severity: "error", why: "DHT finds peers of other racks, past the tracker" },
  pex: { severity: "error", why: "peers tell each other of peers in other racks, past the tracker" },
  "local-discovery": { severity: "error", why: "broadcasts find peers past the tracker" },
  "foreign-peers": {
    severity: "error",
    why: "peers or trackers that are added by hand are not steered by the tracker",
  },
  "udp-trackers": {
    severity: "error",
    why: "a UDP reply cannot say how soon to ask again, so a client without a schedule asks every 10 minutes",
  },
  utp: {
    severity: "warning",
    why: "uTP yields to every other traffic, and a rack's copy is as fast as its slowest pair",
  },
  "port-forwarding": { severity: "warning", why: "UPnP and NAT-PMP open ports of the router to the world" },
  proxy: {
    severity: "warning",
    why: "through a proxy the tracker sees the proxy's address, and takes its rack for the host's",
  },

  // What the client does not start with, or does not do.
  syntax: { severity: "error", why: "the client does not start with a line that it cannot read" },
  "unknown-command": { severity: "error", why: "the client does not start with a command that it does not know" },
  "renamed-command": { severity: "error", why: "the client does not start with a name that it had in another version" },
  "removed-command": { severity: "error", why: "the client does not start with a command that it has no longer" },
  "fails-when-run": { severity: "error", why: "the client starts, and whatever runs the command fails" },
  "bad-value": { severity: "error", why: "the client does not start with a value that it cannot take" },
  "no-effect": { severity: "warning", why: "the client reads it and does nothing" },
  "some-versions": { severity: "warning", why: "in some of these versions the client does not start with it" },
  "unknown-option": { severity: "warning", why: "the client says so and goes on without it" },
  "ignored-rest": {
    severity: "error",
    why: "rtorrent runs one command a line of a file: what follows the ; is dropped without a word",
  },

  // What defeats the rack rule.
  "announce-missing": {
    severity: "error",
    why: "the tracker steers by answering: an rtorrent that asks every 5 minutes is not steered",
  },
  "announce-too-often": { severity: "error", why: "rtorrent aborts on more than 10 requests to a tracker in 10 s" },
  "announce-rare": { severity: "warning", why: "a host that asks rarely waits for its rack that much longer" },
  "few-peers": { severity: "warning", why: "with few peers a copy is passed on in a line instead of a fan" },
  "hash-on-completion": {
    severity: "warning",
    why: "rtorrent reads the whole payload again, and never announces that it is complete",
  },
  "stops-seeding": { severity: "warning", why: "a host that stops seeding is lost to its rack" },
  queue: { severity: "warning", why: "a transfer that waits in the client's queue is not spread" },

  // Who may do what.
  "open-control": {
    severity: "error",
    why: "whoever reaches the client's control can write files and run programs as its user",
  },
  "control-without-secret": {
    severity: "warning",
    why: "whoever is on the host can have the client write files as its user",
  },
  umask: { severity: "error", why: "others could change the payloads, and command the client by its socket" },
  execute: { severity: "warning", why: "the client runs a program: make sure that nobody else can change it" },
  "unchecked-import": { severity: "warning", why: "what the imported file says is not checked here" },
} as const satisfies Record<string, LintRule>;

export type LintRuleId = keyof typeof LINT_RULES;
