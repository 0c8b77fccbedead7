// Paths that mean the same wherever they are written: in a shell script, a systemd unit, a crontab, rtorrent's commands.
import { Type } from "typebox";

const BARE_PATH = "^(/[A-Za-z0-9_@+][A-Za-z0-9._@+-]*)+$";
const BARE_PATH_RULE =
  "must be an absolute path of letters, digits and . _ @ + -, none of whose parts begins with . or -";

export const barePath = (description: string, more: { readonly default?: string } = {}) =>
  Type.String({ description, pattern: BARE_PATH, rule: BARE_PATH_RULE, ...more });
