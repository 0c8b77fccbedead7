import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Delta } from "../../tracker/src/accounting/delta.ts";
import type { DeltaSink } from "../../tracker/src/accounting/delta-sink.ts";
import { deltas } from "../support/deltas.ts";
import { type PostgresServer, startPostgres } from "../support/postgres-server.ts";
import { createSinkWorld, refusalOf } from "../support/sinks.ts";
import { deltaSinkSuite, type SinkHome } from "./delta-sink-suite.ts";

let postgres: PostgresServer;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.close());

const { open } = createSinkWorld();

let tables = 0;
const newTable = () => `deltas_${++tables}`;
const at = (table: string) => `${postgres.url}?table=${table}`;
const refusal = (sink: DeltaSink) => refusalOf(sink.write(deltas(2)));

async function connections(): Promise<number> {
  return (await postgres.query("SELECT pid FROM pg_stat_activity WHERE application_name = 'rackcast'")).length;
}

/** In order of their numbers, of sources in order of what arrived first. */
async function rows(table: string): Promise<Delta[]> {
  const text = `
    SELECT id, source, sequence::text, user_name AS user, info_hash AS "infoHash", peer_id AS "peerId",
      host(address) AS address, rack, event, uploaded::text AS "deltaUploaded", downloaded::text AS "deltaDownloaded",
      seconds_seeded::text AS "secondsSeeded", left_bytes::text AS left, flag, reported_at AS "reportedAt"
    FROM ${table} AS delta ORDER BY source, delta.sequence`;
  const found = await postgres.query<Record<string, string>>(text);
  const numbers = ["sequence", "deltaUploaded", "deltaDownloaded", "secondsSeeded", "left"];
  return found.map((row) => ({
    ...row,
    ...Object.fromEntries(numbers.map((name) => [name, Number(row[name])])),
    reportedAt: (row["reportedAt"] as unknown as Date).toISOString(),
  })) as never;
}

async function createHome(): Promise<SinkHome> {
  const table = newTable();
  return {
    open: () => open(at(table)),
    arrived: () => rows(table),
    kill: () => postgres.kill(),
    revive: () => postgres.restart(),
    openCount: connections,
    remove: async () => {},
  };
}

deltaSinkSuite("postgres", createHome);

describe("a table of deltas", () => {
  it("is made once by sinks that start at once", async () => {
    const table = newTable();
    const all = deltas(60);
    await Promise.all(
      Array.from({ length: 6 }, async (_, index) =>
        (await open(at(table))).write(all.slice(index * 10, index * 10 + 10)),
      ),
    );
    expect(await rows(table)).toEqual(all);
    expect(await postgres.query(`SELECT version FROM ${table}_versions`)).toEqual([{ version: 1 }]);
  });

  it("is made in the schema that is named with it", async () => {
    const sink = await open(at("billing.deltas"));
    expect(await refusal(sink)).toMatchObject({
      isRefusal: true,
      message: expect.stringContaining("; make the schema"),
    });
    await postgres.query("CREATE SCHEMA billing");
    await sink.write(deltas(2));
    expect(await rows("billing.deltas")).toEqual(deltas(2));
  });

  it("is made anew when it was removed", async () => {
    const table = newTable();
    const sink = await open(at(table));
    await sink.write(deltas(2));
    await postgres.query(`DROP TABLE ${table}, ${table}_versions`);
    expect(await refusal(sink)).toMatchObject({ isRefusal: false, message: expect.stringContaining("; wait") });
    await sink.write(deltas(2));
    expect(await rows(table)).toEqual(deltas(2));
  });

  it("needs no more rights than to read and to insert once it is there", async () => {
    const table = newTable();
    await (await open(at(table))).write(deltas(2));
    await postgres.query(`CREATE ROLE clerk_${table} LOGIN; GRANT SELECT ON ${table}_versions TO clerk_${table}`);
    const sink = await open(at(table).replace("postgres@", `clerk_${table}@`));
    expect(await refusal(sink)).toMatchObject({
      isRefusal: true,
      message: expect.stringContaining("; grant the user"),
    });
    await postgres.query(`GRANT SELECT, INSERT ON ${table} TO clerk_${table}`);
    await sink.write(deltas(5));
    expect(await rows(table)).toEqual(deltas(5));
  });

  it("is left as it is when somebody else made it, or a later version", async () => {
    const [theirs, later] = [newTable(), newTable()];
    await postgres.query(`CREATE TABLE ${theirs} (mine text)`);
    expect(await refusal(await open(at(theirs)))).toMatchObject({
      isRefusal: true,
      message: expect.stringMatching(/already exists.*; name another table/),
    });
    await postgres.query(`CREATE TABLE ${later}_versions AS SELECT 99 AS version`);
    expect(await refusal(await open(at(later)))).toMatchObject({
      isRefusal: true,
      message: expect.stringMatching(/of a later Rackcast \(version 99\); run that one/),
    });
    expect(
      await postgres.query(`SELECT to_regclass('${theirs}_versions') AS one, to_regclass('${later}') AS other`),
    ).toEqual([{ one: null, other: null }]);
  });

  it("takes text that PostgreSQL has no form for, with a mark where it was", async () => {
    const table = newTable();
    const [delta] = deltas(1) as [Delta];
    await (await open(at(table))).write([{ ...delta, user: "a\0b \\u0000 c\ud800d" }]);
    expect(await rows(table)).toMatchObject([{ user: "a\uFFFDb \\u0000 c\uFFFDd" }]);
  });

  it("answers the usual questions by its indexes", async () => {
    const table = newTable();
    await (await open(at(table))).write(deltas(1000));
    await postgres.query(`ANALYZE ${table}`);
    for (const [condition, index] of [
      ["info_hash = 'b' AND reported_at > now()", `${table}_info_hash_reported_at_idx`],
      ["user_name = 'b' AND reported_at > now()", `${table}_user_name_reported_at_idx`],
    ]) {
      const plan = await postgres.query(`EXPLAIN SELECT sum(uploaded) FROM ${table} WHERE ${condition}`);
      expect(JSON.stringify(plan)).toContain(index);
    }
    const inRow = await postgres.query(`SELECT count(*)::int AS count FROM ${table} WHERE address << '10.77.0.0/16'`);
    expect(inRow).toEqual([{ count: 250 }]);
  });

  it("is written to by another connection when the server ended the one before", async () => {
    const table = newTable();
    const sink = await open(at(table));
    await sink.write(deltas(2));
    await postgres.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'rackcast'");
    await expect.poll(() => sink.write(deltas(4)).then(() => "taken", String)).toBe("taken");
    expect(await rows(table)).toEqual(deltas(4));
  });

  it("is given up when it does not answer, and written to by the next try", async () => {
    const table = newTable();
    const sink = await open(`${at(table)}&query_timeout=200`);
    await sink.write(deltas(1));
    const held = postgres.query(`BEGIN; LOCK TABLE ${table}; SELECT pg_sleep(0.6); COMMIT`);
    await expect
      .poll(() => refusal(sink))
      .toMatchObject({ isRefusal: false, message: expect.stringContaining("read timeout") });
    await held;
    await sink.write(deltas(3));
    expect(await rows(table)).toEqual(deltas(3));
    await expect.poll(connections).toBe(1);
  });
});

describe("a PostgreSQL that does not take deltas", () => {
  it.each([
    ["a database that is not there", () => postgres.url.replace(/postgres$/, "nowhere"), /; make the database/],
    [
      "a user that is not there",
      () => postgres.url.replace("postgres@", "nobody:hidden1@"),
      /nobody.*; correct user and password/,
    ],
    ["TLS where there is none", () => `${postgres.url}?sslmode=verify-full`, /SSL.*; name the file of its authority/],
    [
      "a port where nobody listens",
      () => "postgres://me:hidden1@127.0.0.1:1/a",
      /127.0.0.1:1\/a .*ECONNREFUSED.*; see whether it runs/,
    ],
  ])("is told with the remedy: %s", async (_, address, expected) => {
    const error = (await refusal(await open(address()))) as Error;
    expect(error).toMatchObject({ name: "SinkError", message: expect.stringMatching(expected) });
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain("hidden1");
  });

  it("is refused at once when a file of a certificate cannot be read", async () => {
    await expect(open(`${postgres.url}?sslrootcert=/nowhere.pem`)).rejects.toThrow(/ENOENT.*; correct ACCOUNTING_SINK/);
  });
});
