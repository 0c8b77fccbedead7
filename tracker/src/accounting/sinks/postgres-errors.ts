// What keeps deltas out of PostgreSQL, told with the remedy. Codes: PostgreSQL's documentation, appendix A, and Node.js.
import { SinkError } from "../delta-sink.ts";

const CREDENTIALS =
  "correct user and password in ACCOUNTING_SINK (with %XX for what is special in them), and see pg_hba.conf";
const REACH = "see whether it runs, and correct ACCOUNTING_SINK if it is elsewhere";
const TRUST =
  "name the file of its authority by ?sslrootcert= in ACCOUNTING_SINK and the host as its certificate does, or add uselibpqcompat=true to have sslmode mean what it means to libpq";
const RIGHTS =
  "grant the user INSERT and SELECT on the table and SELECT on the one with _versions behind its name, and for the first start CREATE on the schema";

const LASTING: Readonly<Record<string, string>> = {
  "28P01": CREDENTIALS,
  "28000": CREDENTIALS,
  "3D000": "make the database by CREATE DATABASE, or correct ACCOUNTING_SINK",
  "3F000": "make the schema by CREATE SCHEMA, or correct ?table= in ACCOUNTING_SINK",
  "42501": RIGHTS,
  "42P07": "name another table by ?table= in ACCOUNTING_SINK: there is one of that name that Rackcast did not make",
  "42703": "name another table by ?table= in ACCOUNTING_SINK: this one is not as Rackcast made it",
  "42P10": "give the table its primary key back: ALTER TABLE … ADD PRIMARY KEY (id)",
  "22P05": "make the database with the encoding UTF8",
  ENOENT: "correct ACCOUNTING_SINK: there is no such file",
  EACCES: "let the tracker's user read the file, or connect to the socket",
};
/** What may well be over by the next try. */
const PASSING: Readonly<Record<string, string>> = {
  "25006": "name the primary server by ACCOUNTING_SINK: this one may only be read",
  "42P01": "wait: the table is made anew with the next try",
  "53100": "free space on its disk",
  "53300": "raise its max_connections, or put PgBouncer before it",
  "57P01": REACH,
  "57P02": REACH,
  "57P03": "wait until it has started",
  ECONNREFUSED: REACH,
  ECONNRESET: REACH,
  EPIPE: REACH,
  ETIMEDOUT: REACH,
  EHOSTUNREACH: REACH,
  ENETUNREACH: REACH,
  ENOTFOUND: REACH,
  EAI_AGAIN: REACH,
};

interface Target {
  readonly url: string;
  readonly table?: string;
}

export function tellPostgresError(error: unknown, { url, table }: Target): SinkError {
  if (error instanceof SinkError) return error;
  const { code = "", message = String(error) } = error as { code?: string; message?: string };
  const isLost = /terminated|timeout|timed out/i.test(message);
  const isUntrusted = /certificate|CERT_|_CERT|does not support SSL/i.test(`${code} ${message}`);
  const remedy = LASTING[code] ?? PASSING[code] ?? (isUntrusted ? TRUST : isLost ? REACH : "see its log");
  const what = table === undefined ? "" : ` for the table ${table}`;
  return new SinkError(`PostgreSQL at ${placeOf(url)} does not take deltas${what} (${message || code}); ${remedy}`, {
    cause: error,
    isRefusal: !isLost && PASSING[code] === undefined,
  });
}

/** Host and database, never user or password. */
function placeOf(text: string): string {
  const { host, pathname, searchParams } = new URL(text);
  return `${searchParams.get("host") ?? decodeURIComponent(host)}${pathname}`;
}
