import { createHmac } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DeltaSink } from "../../tracker/src/accounting/delta-sink.ts";
import { openWebhookSink } from "../../tracker/src/accounting/sinks/webhook-sink.ts";
import { makeCertificates } from "../support/certificates.ts";
import { deltas } from "../support/deltas.ts";
import { refusalOf } from "../support/sinks.ts";
import { type ReceivedWebhook, startWebhookReceiver, type WebhookReceiver } from "../support/webhook-receiver.ts";
import { deltaSinkSuite, type SinkHome } from "./delta-sink-suite.ts";

const KEYS = [Buffer.alloc(32, 1), Buffer.alloc(24, 2)];
const NOW = Date.UTC(2026, 1, 3, 4, 5, 6, 789);
const now = () => NOW;

async function createHome(): Promise<SinkHome> {
  const receiver = await startWebhookReceiver();
  return {
    open: () => openWebhookSink({ url: receiver.url, keys: KEYS }, { now }),
    arrived: async () => receiver.taken,
    kill: () => receiver.stop(),
    revive: () => receiver.start(),
    openCount: () => receiver.connectionCount(),
    remove: () => receiver.stop(),
  };
}

deltaSinkSuite("webhook", createHome);

describe("a webhook of deltas", () => {
  let receiver: WebhookReceiver;
  let sink: DeltaSink;
  beforeEach(async () => {
    receiver = await startWebhookReceiver();
    sink = open(`${receiver.url}?token=hidden1`);
  });
  afterEach(async () => {
    await sink.close();
    await receiver.stop();
  });

  const open = (url: string) => openWebhookSink({ url, keys: KEYS }, { now, timeoutMs: 300 });
  const refusal = () => refusalOf(sink.write(deltas(2)));
  const answering = (status: number, headers: Record<string, string> = {}, body = "") =>
    receiver.interfere((_, response: ServerResponse) => {
      response.writeHead(status, headers).end(body);
      return true;
    });

  it("gets batches as JSON, with their first and last numbers", async () => {
    await sink.write(deltas(3, { from: 7 }));
    const [{ url, headers, body }] = receiver.received as [ReceivedWebhook];
    expect(url).toBe("/in?token=hidden1");
    expect(headers["content-type"]).toBe("application/json");
    expect(JSON.parse(body)).toEqual({
      type: "accounting.deltas",
      source: "00112233aabbccdd",
      firstSequence: 7,
      lastSequence: 9,
      deltas: deltas(3, { from: 7 }),
    });
  });

  it("is signed as Standard Webhooks says, with each of the keys", async () => {
    await sink.write(deltas(3));
    const [{ headers, body }] = receiver.received as [ReceivedWebhook];
    const [id, timestamp] = [String(headers["webhook-id"]), String(headers["webhook-timestamp"])];
    expect(timestamp).toBe("1770091506");
    const signatures = KEYS.map((key) =>
      createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64"),
    );
    expect(headers["webhook-signature"]).toBe(signatures.map((signature) => `v1,${signature}`).join(" "));
  });

  it("has the same id whenever a batch is the same, and another when it is cut differently", async () => {
    const all = deltas(9);
    for (const batch of [all, all, all.slice(0, 5), all.slice(5)]) await sink.write(batch);
    const ids = receiver.received.map(({ headers }) => headers["webhook-id"]);
    expect(ids[0]).toBe(ids[1]);
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f-]+$/);
  });

  it("gets user and password of its address as credentials", async () => {
    await open(receiver.url.replace("//", "//me:p%40ss@")).write(deltas(1));
    expect(receiver.received[0]!.headers.authorization).toBe(`Basic ${Buffer.from("me:p@ss").toString("base64")}`);
  });

  it.each([
    [400, "see the receiver's log", true],
    [401, "ACCOUNTING_SINK_SECRET", true],
    [404, "correct ACCOUNTING_SINK", true],
    [410, "ACCOUNTING_SINK", true],
    [408, "see the receiver's log", false],
    [425, "see the receiver's log", false],
    [429, "see the receiver's log", false],
    [500, "see the receiver's log", false],
    [503, "see the receiver's log", false],
  ])("is told with its own words when it answers %i", async (status, remedy, isRefusal) => {
    answering(status, {}, `  no\r\n\u0007way ${"x".repeat(5000)}`);
    const error = (await refusal()) as Error;
    expect(error).toMatchObject({ name: "SinkError", isRefusal, retryAfterMs: undefined });
    expect(error.message).toMatch(new RegExp(`127.0.0.1:\\d+ .*\\(${status}: no way x{10,200}\\); .*${remedy}`));
    expect(error.message).not.toContain("hidden1");
  });

  it.each([
    ["120", 120_000],
    [new Date(NOW + 90_000).toUTCString(), 90_000 - (NOW % 1000)],
    [new Date(NOW - 90_000).toUTCString(), undefined],
    ["soon", undefined],
  ])("may ask to be left alone: Retry-After: %s", async (text, retryAfterMs) => {
    answering(503, { "retry-after": text });
    expect(await refusal()).toMatchObject({ retryAfterMs });
  });

  it("is not followed to another address", async () => {
    const other = await startWebhookReceiver();
    answering(307, { location: other.url });
    const error = await refusal();
    expect(error).toMatchObject({
      isRefusal: true,
      message: expect.stringContaining(`at ${new URL(other.url).origin},`),
    });
    expect(other.received).toEqual([]);
    await other.stop();
  });

  it.each([
    ["does not answer", false],
    ["stops amid its answer", true],
  ])("is given up when it %s", async (_, beginsToAnswer) => {
    receiver.interfere((_request, response) => {
      if (beginsToAnswer) response.writeHead(500).write("a");
      return true;
    });
    const error = await refusal();
    expect(error).toMatchObject({ name: "SinkError", isRefusal: false });
    receiver.interfere(undefined);
    await sink.write(deltas(2));
    expect(receiver.taken).toEqual(deltas(2));
  });

  it("is waited for no longer when the tracker ends", async () => {
    receiver.interfere(() => true);
    const patient = openWebhookSink({ url: receiver.url, keys: KEYS }, { now });
    const writing = refusalOf(patient.write(deltas(2)));
    await expect.poll(() => receiver.received.length).toBe(1);
    await patient.close();
    expect(await writing).toMatchObject({ isRefusal: false, message: expect.stringContaining("the tracker ends") });
  });

  it("is told how to trust in it when its certificate is nobody's that is known", async () => {
    const folder = mkdtempSync(join(tmpdir(), "rackcast-webhook-"));
    const { certFile, keyFile } = makeCertificates(folder);
    const server = createServer({ cert: readFileSync(certFile), key: readFileSync(keyFile) });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const untrusted = open(`https://127.0.0.1:${(server.address() as AddressInfo).port}/in`);
    expect(await refusalOf(untrusted.write(deltas(2)))).toMatchObject({
      isRefusal: true,
      message: expect.stringMatching(/certificate.*; name the file of its authority by NODE_EXTRA_CA_CERTS/),
    });
    server.close();
    rmSync(folder, { recursive: true });
  });

  it("is told by its host alone when it cannot be reached", async () => {
    await receiver.stop();
    const error = await refusal();
    expect(error).toMatchObject({
      isRefusal: false,
      message: expect.stringMatching(/ECONNREFUSED.*; see whether it runs/),
    });
    expect(String(error)).not.toContain("hidden1");
    await receiver.start();
  });
});
