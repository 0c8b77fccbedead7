// For load balancers and orchestrators: is the process alive, and can it serve? Open to everybody.
import { setTimeout as delay } from "node:timers/promises";
import { Type } from "typebox";
import type { BookkeepingStatus } from "../../accounting/bookkeeping.ts";
import type { Api, ApiParts, ReadinessCheck } from "../api-parts.ts";
import { timeTextOrNull } from "../time-text.ts";
import { answer, Health, Readiness, reference } from "../schemas.ts";

const CHECK_TIMEOUT_MS = 2000;

export function registerHealthRoutes(api: Api, { checks, health, accounting, log }: ApiParts): void {
  const alive = {
    operationId: "isAlive",
    summary: "Answered as long as the process lives",
    security: [],
    response: { 200: answer("Alive", Type.Object({ status: Type.Unsafe<"ok">({ type: "string", enum: ["ok"] }) })) },
  };
  api.get("/healthz", { schema: alive }, () => ({ status: "ok" as const }));

  const healthy = {
    operationId: "getHealth",
    summary: "How the process is doing; answered as long as it lives",
    security: [],
    response: { 200: answer("Alive", reference(Health)) },
  };
  api.get("/health", { schema: healthy }, () => ({
    status: "ok" as const,
    uptimeSeconds: Math.floor(health.uptimeSeconds()),
    connections: { ...health.connections() },
    faults: Object.fromEntries(health.faults()),
    accounting: accounting === undefined ? null : pictureAccounting(accounting),
  }));

  const ready = {
    operationId: "isReady",
    summary: "Whether every part that an announce needs can serve",
    security: [],
    response: { 200: answer("Ready", reference(Readiness)), 503: answer("Not ready", reference(Readiness)) },
  };
  api.get("/readyz", { schema: ready }, async (_, reply) => {
    const names = Object.keys(checks);
    const results = await Promise.all(Object.entries(checks).map(([name, check]) => passes(name, check)));
    const isReady = results.every(Boolean);
    // Why a part is away is for the log alone: anybody may ask here.
    const told = Object.fromEntries(names.map((name, index) => [name, results[index] ? "ok" : "failed; see the log"]));
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? "ready" : "unready", checks: told });
  });

  async function passes(name: string, check: ReadinessCheck): Promise<boolean> {
    const given = new AbortController();
    try {
      await Promise.race([Promise.resolve().then(check), tooLate(given.signal)]);
      return true;
    } catch (err) {
      log.warn({ err, check: name }, "not ready");
      return false;
    } finally {
      given.abort();
    }
  }
}

function pictureAccounting(accounting: NonNullable<ApiParts["accounting"]>) {
  const { reports, books } = accounting.status();
  return {
    behind: accounting.isBehind(),
    reportsWaiting: reports.waiting,
    reportsSkipped: reports.skipped,
    reportsLost: reports.lost,
    deltasPending: books.pendingCount,
    delivery: books.delivery === undefined ? null : pictureDelivery(books.delivery),
  };
}

function pictureDelivery({ delivered, deliveredAt, failure }: NonNullable<BookkeepingStatus["delivery"]>) {
  return {
    delivered,
    lastDeliveredAt: timeTextOrNull(deliveredAt),
    // Why is for the log alone: anybody may ask here.
    failingSince: timeTextOrNull(failure?.since),
  };
}

async function tooLate(signal: AbortSignal): Promise<void> {
  const isOver = await delay(CHECK_TIMEOUT_MS, true, { signal, ref: false }).catch(() => false);
  if (isOver) throw new Error(`no answer in ${CHECK_TIMEOUT_MS} ms`);
}
