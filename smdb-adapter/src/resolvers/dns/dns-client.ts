// Questions to DNS servers, tried one after another within a deadline; aliases are followed.
import type { Answer, DecodedPacket } from "dns-packet";
import { TopologyError } from "../../errors.ts";
import { createTurnstile } from "../../turnstile.ts";
import { askServer } from "./dns-exchange.ts";
import { type DnsQuestion, isDnsName, responseCode, sameName } from "./dns-message.ts";
import type { ServerAddress } from "./server-address.ts";

export interface DnsClientOptions {
  /** At least one. Whoever answered last is asked first. */
  readonly servers: readonly ServerAddress[];
  /** How often each server is asked. */
  readonly tries: number;
  /** How long one of them may take for one answer. */
  readonly tryTimeoutMs: number;
  /** Name of the resolver, for messages. */
  readonly resolver: string;
}

/** Records of one type at one name. */
export interface Found<T> {
  /** None when there is no such name or no such record. */
  readonly values: readonly T[];
  /** Until the first of the records that led to them runs out; undefined without any. */
  readonly ttlSeconds: number | undefined;
}

export interface DnsClient {
  /** Rejects with `RESOLVER_FAILED` when no server gave an answer before `deadline`, in `performance.now()`'s milliseconds. */
  lookUp(question: DnsQuestion, deadline: number): Promise<Found<unknown>>;
  /** Questions under way fail at once. */
  close(): void;
}

const MOST_AT_ONCE = 100;
const MOST_WAITING = 10_000;
const MOST_ALIASES = 8;
/** More is meant for 0 (RFC 2181, section 8). */
const LONGEST_TTL = 0x7fffffff;
const REMEDY = "check that the DNS servers are up and answer this host; known addresses keep their last answer";

export function createDnsClient({ servers, tries, tryTimeoutMs, resolver }: DnsClientOptions): DnsClient {
  const turnstile = createTurnstile(MOST_AT_ONCE, MOST_WAITING);
  const closing = new AbortController();
  let preferred = 0;

  function failure({ name, type }: DnsQuestion, reason: string, cause?: unknown): TopologyError {
    const problem = `resolver ${resolver}: no answer to ${type} ${name}: ${reason}`;
    return new TopologyError({ code: "RESOLVER_FAILED", problem, remedy: REMEDY, cause });
  }

  async function ask(question: DnsQuestion, deadline: number): Promise<DecodedPacket> {
    if (!isDnsName(question.name)) throw failure(question, "an alias of it is no name that can be asked for");
    const first = preferred;
    const reasons: string[] = [];
    for (let attempt = 0; attempt < servers.length * tries && !closing.signal.aborted; attempt++) {
      const index = (first + attempt) % servers.length;
      const server = servers[index];
      const shareMs = (deadline - performance.now()) / (servers.length * tries - attempt);
      if (server === undefined || shareMs <= 0) break;
      try {
        const response = await askOnce(server, question, Math.ceil(Math.min(tryTimeoutMs, shareMs)));
        preferred = index;
        return response;
      } catch (error) {
        reasons.push(`${server.text} ${reasonOf(error)}`);
      }
    }
    if (closing.signal.aborted) throw failure(question, "the resolver is closed");
    throw failure(question, [...new Set(reasons)].join(", ") || "the time was up before anybody was asked");
  }

  async function askOnce(server: ServerAddress, question: DnsQuestion, timeoutMs: number): Promise<DecodedPacket> {
    const timeout = AbortSignal.timeout(timeoutMs);
    const response = await askServer(server, question, AbortSignal.any([closing.signal, timeout])).catch(
      (error: unknown) => {
        throw error === timeout.reason ? new Error(`did not answer within ${timeoutMs} ms`) : error;
      },
    );
    const code = responseCode(response);
    if (code !== "NOERROR" && code !== "NXDOMAIN") throw new Error(`answered ${code}`);
    if (isReferral(response)) throw new Error("only refers to other servers, as it does not ask on for others");
    return response;
  }

  async function lookUp(question: DnsQuestion, deadline: number): Promise<Found<unknown>> {
    let { name } = question;
    let ttlSeconds: number | undefined;
    for (let aliases = 0; aliases < MOST_ALIASES; aliases++) {
      const response = await ask({ ...question, name }, deadline);
      const found = followAliases(response, { ...question, name });
      ttlSeconds = shorter(ttlSeconds, found.ttlSeconds);
      if (found.values.length > 0 || found.name === name || responseCode(response) === "NXDOMAIN") {
        return { values: found.values, ttlSeconds };
      }
      name = found.name;
    }
    throw failure(question, `it is an alias of an alias, ${MOST_ALIASES} times and more`);
  }

  return {
    async lookUp(question, deadline) {
      try {
        return await turnstile.pass(() => lookUp(question, deadline), Math.max(0, deadline - performance.now()));
      } catch (error) {
        throw error instanceof TopologyError ? error : failure(question, reasonOf(error), error);
      }
    },
    close: () => closing.abort(),
  };
}

/** What an answer holds for a question, through the aliases in it; the name of the last alias otherwise. */
function followAliases(response: DecodedPacket, { name: asked, type }: DnsQuestion) {
  const answers = (response.answers ?? []).filter(hasData);
  let name = asked;
  let ttlSeconds: number | undefined;
  for (let step = 0; step <= answers.length; step++) {
    const here = answers.filter((answer) => sameName(answer.name, name));
    const records = here.filter((answer) => answer.type === type);
    const values = records.map(({ data }) => data);
    if (values.length > 0) return { name, values, ttlSeconds: records.map(ttlOf).reduce(shorter, ttlSeconds) };
    const alias = here.find((answer) => answer.type === "CNAME");
    if (typeof alias?.data !== "string") break;
    ttlSeconds = shorter(ttlSeconds, ttlOf(alias));
    name = alias.data;
  }
  return { name, values: [], ttlSeconds };
}

type DataAnswer = Exclude<Answer, { type: "OPT" }>;

function hasData(answer: Answer): answer is DataAnswer {
  return answer.type !== "OPT" && answer.class === "IN";
}

function ttlOf({ ttl = 0 }: DataAnswer): number {
  return ttl > LONGEST_TTL ? 0 : ttl;
}

/** The shorter of two times, of which either may be unknown. */
export function shorter(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}

/** A server that knows who knows, and leaves the asking to us. */
function isReferral(response: DecodedPacket): boolean {
  const { answers = [], authorities = [], flag_aa: isAuthoritative } = response;
  const types = authorities.map(({ type }) => type);
  return !isAuthoritative && answers.length === 0 && types.includes("NS") && !types.includes("SOA");
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "code" in error && typeof error.code === "string" ? `failed with ${error.code}` : error.message;
}
