// Asks for an address, follows where the answers lead, and brings the hosts that the last ones tell of.
import { EVERY, findAll, fits, isNothing, type JsonPointer } from "./json-pointer.ts";
import type { JsonClient, JsonRequest } from "./json-client.ts";
import { ADDRESS, type FollowStep, type LookupPlan, type Pointing } from "./lookup-plan.ts";
import { RequestError } from "./request-failure.ts";
import type { RequestTemplate } from "./request-template.ts";

export interface FoundHost {
  /** Empty where it has none. */
  readonly name: string;
  readonly value: unknown;
  /** What told of it, for messages. */
  readonly url: string;
}

/** Told of what is wrong with the data, by a fault of a small set. */
export type OnFault = (fault: string, problem: string) => void;

interface Answer {
  readonly url: string;
  readonly body: unknown;
  /** What it was asked with. */
  readonly values: ReadonlyMap<string, string>;
}

const MOST_FOLLOWED = 16;
const LONGEST_VALUE = 256;

export interface LookupOptions {
  readonly plan: LookupPlan;
  readonly client: JsonClient;
  readonly onFault: OnFault;
  readonly signal: AbortSignal;
}

/** Rejects with a `RequestError`. No hosts: the address is unknown. */
export async function findHosts(address: string, options: LookupOptions): Promise<FoundHost[]> {
  const { plan } = options;
  let answers = await askAll(plan.path, [new Map([[ADDRESS, address]])], options);
  for (const step of plan.follow) {
    const ways = answers.flatMap((answer) => waysOn(answer, step, options.onFault));
    answers = await askAll(step.path, ways, options);
  }
  return answers.flatMap((answer) => hostsIn(answer, plan));
}

type Values = ReadonlyMap<string, string>;

async function askAll(path: RequestTemplate, ways: readonly Values[], { client, signal, onFault }: LookupOptions) {
  const different = [...new Map(ways.map((values) => [path.fill(values), values])).values()];
  const answers = different.slice(0, MOST_FOLLOWED).map(async (values): Promise<Answer[]> => {
    const request = requestOf(path, values);
    const body = await client.get(request, signal);
    return body === undefined ? [] : [{ url: client.shownUrl(request), body, values }];
  });
  const [first] = different;
  if (first !== undefined && different.length > MOST_FOLLOWED) {
    const url = client.shownUrl(requestOf(path, first));
    const problem = `${url} is one of ${different.length} that an answer leads to; ${MOST_FOLLOWED} of them are asked`;
    onFault("several-servers", problem);
  }
  return (await Promise.all(answers)).flat();
}

function requestOf(path: RequestTemplate, values: Values): JsonRequest {
  return { path: path.fill(values), shownPath: path.show(values) };
}

function waysOn(answer: Answer, { each, take }: FollowStep, onFault: OnFault): Values[] {
  refuseUnfit(answer, each);
  return findAll(answer.body, each.pointer).flatMap((thing) => {
    const taken = Array.from(take, ([name, { text, pointer }]) => ({
      name,
      text,
      value: firstName(thing.value, pointer),
    }));
    const missing = taken.find(({ value }) => value === undefined);
    if (missing === undefined)
      return [new Map([...answer.values, ...taken.map(({ name, value = "" }) => [name, value] as const)])];
    const place = each.text.replace(/\*$/, thing.name) + missing.text;
    onFault("leads-nowhere", `${answer.url} answers without ${place}, so that it leads to no place`);
    return [];
  });
}

function hostsIn(answer: Answer, { hosts, hostName }: LookupPlan): FoundHost[] {
  refuseUnfit(answer, hosts);
  // One of several that is empty is a host all the same; a single one that is empty is none.
  const isNone = hosts.pointer.at(-1) === EVERY ? (value: unknown) => value === null : isNothing;
  const found = findAll(answer.body, hosts.pointer).filter(({ value }) => !isNone(value));
  return found.map(({ name: member, value }) => {
    const name = hostName === undefined ? member : (firstName(value, hostName.pointer) ?? "");
    return { name, value, url: answer.url };
  });
}

/** An answer of another shape is no word on the address, so that known places stay. */
function refuseUnfit({ url, body }: Answer, { text, pointer }: Pointing): void {
  if (fits(body, pointer)) return;
  const problem = `answers something without ${text || "an object"}`;
  const remedy = "correct url, path and preset, or say where things are by follow and hosts";
  throw new RequestError(url, { problem, remedy });
}

function firstName(value: unknown, pointer: JsonPointer): string | undefined {
  return findAll(value, pointer)
    .map((match) => nameFrom(match.value))
    .find((name) => name !== undefined);
}

/** Text or number; undefined for what is no name. */
export function nameFrom(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value.trim() !== "" && value.length <= LONGEST_VALUE ? value.trim() : undefined;
}
