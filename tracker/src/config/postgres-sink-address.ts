// A PostgreSQL that deltas go to, as people write it: `postgres://user:password@host/database?table=rackcast_deltas&sslmode=verify-full`.
import type { PostgresSinkSettings } from "../accounting/sinks/sink-settings.ts";
import { faultyOptions, isDecodable } from "./sink-options.ts";

/** `table` is ours; the others are those of libpq that `pg` takes out of an address, and its own time-outs. */
const OPTIONS = [
  "table",
  "host",
  "port",
  "user",
  "password",
  "application_name",
  "fallback_application_name",
  "client_encoding",
  "options",
  "sslmode",
  "sslcert",
  "sslkey",
  "sslrootcert",
  "sslnegotiation",
  "uselibpqcompat",
  "statement_timeout",
  "query_timeout",
  "lock_timeout",
  "idle_in_transaction_session_timeout",
];
const DEFAULT_TABLE = "rackcast_deltas";
/** What is made beside it has longer names, and PostgreSQL cuts names to 63. */
const TABLE_NAME = /^([a-z_][a-z0-9_]{0,62}\.)?[a-z_][a-z0-9_]{0,49}$/;

/** Text is what is wrong. */
export function readPostgresSink(text: string): PostgresSinkSettings | string {
  const url = /^postgres(ql)?:\/\//i.test(text) ? URL.parse(text) : null;
  if (url === null || url.hash !== "" || !isDecodable(url)) {
    return "is no address of a PostgreSQL; write it like postgres://user@host/database, with %XX for what is special in a password";
  }
  const problem = faultyOptions(url.searchParams, OPTIONS);
  if (problem !== undefined) return problem;
  const table = url.searchParams.get("table") ?? DEFAULT_TABLE;
  if (!TABLE_NAME.test(table)) {
    return "names no table; write it like table=rackcast_deltas or table=schema.rackcast_deltas, of a to z, 0 to 9 and _";
  }
  url.searchParams.delete("table");
  return { url: url.href, table };
}
