import { type Answer, decode, encode, RECURSION_DESIRED, TRUNCATED_RESPONSE, AUTHORITATIVE_ANSWER } from "dns-packet";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { ResolverEvent } from "../../resolver-kind.ts";
import type { TopologyResolver } from "../../topology-resolver.ts";
import { dnsKind } from "./dns.ts";

type Query = ReturnType<typeof decode>;
/** What a crooked server does with a question: datagrams to send in turn. */
type Reply = (query: Query) => readonly Buffer[];

const PTR_NAME = "5.1.77.10.in-addr.arpa";
const SERVFAIL = 2;
const NXDOMAIN = 3;
const REFUSED = 5;
const LEVELS = ["dc", "rack"];
const PATTERN = String.raw`^[^.]+\.(?<rack>[^.]+)\.(?<dc>[^.]+)\.example\.$`;

const closings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0).toReversed()) await close();
});

/** A server that answers as it is told, over UDP, and over TCP if told how. */
async function crooked(reply: Reply, overTcp?: Reply): Promise<string> {
  const udp = createSocket("udp4");
  udp.on("message", (bytes, { port, address }) => {
    for (const datagram of reply(decode(bytes))) udp.send(datagram, port, address);
  });
  await new Promise<void>((listening) => udp.bind(0, "127.0.0.1", listening));
  closings.push(async () => udp[Symbol.asyncDispose]());
  const { port } = udp.address();
  if (overTcp !== undefined) await crookedTcp(port, overTcp);
  return `127.0.0.1:${port}`;
}

async function crookedTcp(port: number, reply: Reply): Promise<void> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", (bytes: Buffer) => {
      for (const part of reply(decode(bytes.subarray(2)))) socket.write(part);
      socket.end();
    });
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  closings.push(async () => server[Symbol.asyncDispose]());
}

/** A port that nobody listens at. */
async function closedPort(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await server[Symbol.asyncDispose]();
  return `127.0.0.1:${port}`;
}

function answer(query: Query, answers: readonly Answer[] = [], { flags = 0, id = query.id ?? 0 } = {}): Buffer {
  return encode({ type: "response", id, flags, questions: query.questions ?? [], answers: [...answers] });
}

function ptr(name: string, data: string, ttl = 60): Answer {
  return { type: "PTR", class: "IN", name, data, ttl };
}

const HONEST: Reply = (query) => [answer(query, [ptr(PTR_NAME, "web1.rack7.ams1.example")])];
const SILENT: Reply = () => [];

interface Started {
  readonly resolver: TopologyResolver;
  readonly faults: string[];
  locate(address?: string): Promise<string | undefined>;
}

type Settings = Parameters<typeof dnsKind.start>[0];
const DEFAULTS: Settings = {
  servers: [],
  tries: 1,
  try_timeout: 5,
  records: ["ptr"],
  pattern: PATTERN,
  txt_name: "{ptr}",
  loc_name: "{ptr}",
  loc_cell_metres: 100,
  loc_path: "ams1/{loc}",
};

async function start(settings: Partial<Settings>, timeoutMs = 5000): Promise<Started> {
  const faults: string[] = [];
  const onEvent = (event: ResolverEvent) => event.kind === "fault" && faults.push(`${event.fault} ${event.problem}`);
  const resolver = await dnsKind.start(
    { ...DEFAULTS, ...settings },
    { name: "dns", levels: LEVELS, timeoutMs, onEvent: (event) => void onEvent(event) },
  );
  closings.push(() => resolver.close());
  const locate = async (address = "10.77.1.5") => (await resolver.locate(address))?.path.join("/");
  return { resolver, faults, locate };
}

/** A resolver that asks one server with one fixed content of records by name and type. */
async function startOver(records: readonly Answer[], settings: Partial<Settings> = {}): Promise<Started> {
  const server = await crooked((query) => {
    const asked = query.questions?.[0];
    return [
      answer(
        query,
        records.filter(({ name, type }) => name === asked?.name && type === asked.type),
      ),
    ];
  });
  return await start({ servers: [server], ...settings });
}

describe("dns resolver and its servers", () => {
  it("tells how long the answer holds, at least a second", async () => {
    const { resolver } = await start({ servers: [await crooked(HONEST)] });
    expect(await resolver.locate("10.77.1.5")).toMatchObject({ resolver: "dns", validSeconds: 60 });
    const brief = await startOver([ptr(PTR_NAME, "web1.rack7.ams1.example", 0)]);
    expect(await brief.resolver.locate("10.77.1.5")).toMatchObject({ validSeconds: 1 });
  });

  it("asks with recursion desired, and each time by another id", async () => {
    const seen: Query[] = [];
    const server = await crooked((query) => {
      seen.push(query);
      return HONEST(query);
    });
    const { locate } = await start({ servers: [server] });
    for (let time = 0; time < 8; time++) await locate();
    expect(seen.every(({ flags = 0 }) => (flags & RECURSION_DESIRED) !== 0)).toBe(true);
    expect(new Set(seen.map(({ id }) => id)).size).toBeGreaterThan(4);
  });

  it.each([
    ["SERVFAIL", SERVFAIL],
    ["REFUSED", REFUSED],
  ])("fails on %s, naming server and question", async (code, flags) => {
    const server = await crooked((query) => [answer(query, [], { flags })]);
    const { locate } = await start({ servers: [server] });
    await expect(locate()).rejects.toMatchObject({
      code: "RESOLVER_FAILED",
      message: expect.stringContaining(`no answer to PTR ${PTR_NAME}: ${server} answered ${code}; check`),
    });
  });

  it("takes no such name and no such record for unknown", async () => {
    const noName = await start({ servers: [await crooked((query) => [answer(query, [], { flags: NXDOMAIN })])] });
    expect(await noName.locate()).toBeUndefined();
    const noData = await start({ servers: [await crooked((query) => [answer(query)])] });
    expect(await noData.locate()).toBeUndefined();
    expect([...noName.faults, ...noData.faults]).toEqual([]);
  });

  it("fails when nobody listens, without waiting for the time-out", async () => {
    const server = await closedPort();
    const { locate } = await start({ servers: [server] });
    const startedAt = performance.now();
    await expect(locate()).rejects.toThrow(`${server} failed with ECONNREFUSED`);
    expect(performance.now() - startedAt).toBeLessThan(4000);
  });

  it("goes on to the next server, and from then on begins with the one that answered", async () => {
    let asked = 0;
    const bad = await crooked((query) => [answer(query, [], { flags: asked++ < 1000 ? SERVFAIL : 0 })]);
    const { locate } = await start({ servers: [await closedPort(), bad, await crooked(HONEST)] });
    expect(await locate()).toBe("ams1/rack7");
    expect(await locate()).toBe("ams1/rack7");
    expect(asked).toBe(1);
  });

  it("asks a silent server as often as it is told to, and no longer than its time-out", async () => {
    let asked = 0;
    const server = await crooked(() => {
      asked++;
      return [];
    });
    const { locate } = await start({ servers: [server], tries: 3 }, 300);
    await expect(locate()).rejects.toThrow(/did not answer within \d+ ms/);
    expect(asked).toBe(3);
  });

  it("leaves time for the second server when the first one is silent", async () => {
    const { locate } = await start({ servers: [await crooked(SILENT), await crooked(HONEST)] }, 1000);
    expect(await locate()).toBe("ams1/rack7");
  });

  it("passes over answers with another id, to another question, and what is no answer, and takes the true one", async () => {
    const lie = (query: Query) => [ptr(query.questions?.[0]?.name ?? "", "web1.lie.ams1.example")];
    const server = await crooked((query) => [
      answer(query, lie(query), { id: ((query.id ?? 0) + 1) % 65_536 }),
      encode({
        type: "response",
        id: query.id,
        questions: [{ type: "PTR", name: "other.example" }],
        answers: lie(query),
      }),
      encode({ type: "query", id: query.id, questions: query.questions }),
      Buffer.from("rubbish"),
      Buffer.alloc(0),
      ...HONEST(query),
    ]);
    expect(await (await start({ servers: [server] })).locate()).toBe("ams1/rack7");
  });

  it("says that there were answers when none of them was to its question", async () => {
    const server = await crooked((query) => [answer(query, [], { id: (query.id ?? 0) ^ 1 })]);
    await expect((await start({ servers: [server] }, 300)).locate()).rejects.toThrow(
      "got an answer that is not to this question, and none that is",
    );
  });

  it("passes over what comes from another port", async () => {
    const stranger = createSocket("udp4");
    closings.push(async () => stranger[Symbol.asyncDispose]());
    const udp = createSocket("udp4");
    closings.push(async () => udp[Symbol.asyncDispose]());
    udp.on("message", (bytes, { port }) => {
      const query = decode(bytes);
      stranger.send(answer(query, [ptr(PTR_NAME, "web1.lie.ams1.example")]), port, "127.0.0.1", () => {
        for (const datagram of HONEST(query)) udp.send(datagram, port, "127.0.0.1");
      });
    });
    await new Promise<void>((listening) => udp.bind(0, "127.0.0.1", listening));
    const { locate } = await start({ servers: [`127.0.0.1:${udp.address().port}`] });
    expect(await locate()).toBe("ams1/rack7");
  });

  it("asks over TCP when the answer does not fit, however it comes in parts", async () => {
    const truncated: Reply = (query) => [answer(query, [], { flags: TRUNCATED_RESPONSE })];
    const whole: Reply = (query) => {
      const [bytes = Buffer.alloc(0)] = HONEST(query);
      const framed = Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
      return [framed.subarray(0, 1), framed.subarray(1, 20), framed.subarray(20)];
    };
    const { locate } = await start({ servers: [await crooked(truncated, whole)] });
    expect(await locate()).toBe("ams1/rack7");
  });

  it.each<[string, Reply | undefined, string]>([
    ["is not there", undefined, "ECONNREFUSED"],
    ["closes early", () => [Buffer.from([1, 0, 7])], "closed the TCP connection before it had answered"],
    ["answers rubbish", () => [Buffer.from("\u0000\u0003abc")], "answered something else over TCP"],
  ])("fails when the answer does not fit and TCP %s", async (_what, overTcp, message) => {
    const server = await crooked((query) => [answer(query, [], { flags: TRUNCATED_RESPONSE })], overTcp);
    await expect((await start({ servers: [server] })).locate()).rejects.toThrow(message);
  });

  it("follows aliases, within an answer and by asking again, and takes the shortest time of all", async () => {
    const alias = (name: string, data: string, ttl: number): Answer => ({
      type: "CNAME",
      class: "IN",
      name,
      data,
      ttl,
    });
    const server = await crooked((query) => {
      const name = query.questions?.[0]?.name;
      if (name === PTR_NAME)
        return [answer(query, [alias(name, "5.a.example", 50), alias("5.a.example", "5.B.example", 40)])];
      return [answer(query, [ptr("5.b.example", "web1.rack7.ams1.example", 300)])];
    });
    const { resolver } = await start({ servers: [server] });
    expect(await resolver.locate("10.77.1.5")).toMatchObject({ path: ["ams1", "rack7"], validSeconds: 40 });
  });

  it("fails on aliases that lead in a circle", async () => {
    const server = await crooked((query) => {
      const name = query.questions?.[0]?.name ?? "";
      const data = name === "a.example" ? "b.example" : "a.example";
      return [answer(query, [{ type: "CNAME", class: "IN", name, data, ttl: 5 }])];
    });
    await expect((await start({ servers: [server] })).locate()).rejects.toThrow("alias of an alias");
  });

  it("fails on a server that only refers to others, rather than call the host unknown", async () => {
    const server = await crooked((query) => [
      encode({
        type: "response",
        id: query.id,
        questions: query.questions,
        authorities: [{ type: "NS", name: "in-addr.arpa", data: "ns.example" }],
      }),
    ]);
    await expect((await start({ servers: [server] })).locate()).rejects.toThrow("only refers to other servers");
    const authoritative = await crooked((query) => [answer(query, [], { flags: AUTHORITATIVE_ANSWER })]);
    expect(await (await start({ servers: [authoritative] })).locate()).toBeUndefined();
  });

  it("fails lookups under way when it is closed", async () => {
    const { resolver, locate } = await start({ servers: [await crooked(SILENT)] });
    const lookup = locate();
    await resolver.close();
    await expect(lookup).rejects.toThrow("closed");
  });
});

describe("dns resolver and what the records say", () => {
  const NAME = "web1.rack7.ams1.example";
  const txt = (...data: string[]): Answer => ({ type: "TXT", class: "IN", name: NAME, data, ttl: 30 });
  const loc = (data: Buffer): Answer => ({ type: "LOC", class: "IN", name: NAME, data, ttl: 30 });

  it("takes names in either case, and a pattern without the final dot", async () => {
    const { locate } = await startOver([ptr(PTR_NAME, "WEB1.Rack7.AMS1.Example")], {
      pattern: PATTERN.replace("\\.$", "$"),
    });
    expect(await locate()).toBe("ams1/rack7");
  });

  it("takes the first place of several names and tells of the others", async () => {
    const names = ["b.rack9.ams1.example", "a.rack8.ams1.example", "c.rack8.ams1.example", "odd.example"];
    const { locate, faults } = await startOver(names.map((name) => ptr(PTR_NAME, name)));
    expect(await locate()).toBe("ams1/rack8");
    expect(faults).toEqual([
      expect.stringMatching(/^several-places 10\.77\.1\.5: .* ams1\/rack8 and at ams1\/rack9; ams1\/rack8 is taken$/),
    ]);
  });

  it("takes several names of one place as they are", async () => {
    const names = ["b.rack8.ams1.example", "a.rack8.ams1.example"];
    const { locate, faults } = await startOver(names.map((name) => ptr(PTR_NAME, name)));
    expect(await locate()).toBe("ams1/rack8");
    expect(faults).toEqual([]);
  });

  it("counts a name that the pattern does not match as unknown, and tells", async () => {
    const { locate, faults } = await startOver([ptr(PTR_NAME, "web1.example")]);
    expect(await locate()).toBeUndefined();
    expect(faults).toEqual(["name-without-place 10.77.1.5: the pattern finds no place in its PTR name web1.example"]);
  });

  it("ends a pattern that would take years, and fails rather than call the host unknown", async () => {
    const { locate } = await startOver([ptr(PTR_NAME, `${"a".repeat(60)}.example`)], {
      pattern: "^(?<rack>(a+)+)$",
      path: "x/{rack}",
    });
    await expect(locate()).rejects.toThrow(/took too long; write one without repetitions/);
  });

  it.each<[string, string[][], string | undefined, string[]]>([
    ["a pair a string", [["rack=r1", "dc=ams1"]], "ams1/r1", []],
    ["a pair a record, keys in either case", [["RACK=r1"], ["Dc=ams1"]], "ams1/r1", []],
    ["all in one string", [["note=x dc=ams1; rack=r 1 , owner=me"]], "ams1/r 1", []],
    ["a path", [["path=fra1/r9", "rack=r1"]], "fra1/r9", []],
    ["something else", [["v=spf1 include:rack.example -all"]], undefined, []],
    ["not all", [["rack=r1"]], undefined, ["level-missing"]],
    ["two racks", [["rack=r2"], ["rack=r1", "dc=ams1"]], "ams1/r1", ["several-places"]],
    ["two paths", [["path=b/r2"], ["path=a/r1"]], "a/r1", ["several-places"]],
    ["a path of another depth", [["path=r1"]], undefined, ["path-refused"]],
    ["a rack without a name", [["rack=", "dc=ams1"]], undefined, ["path-refused"]],
  ])("reads TXT records with %s", async (_what, records, path, faultNames) => {
    const all = [ptr(PTR_NAME, NAME), ...records.map((strings) => txt(...strings))];
    const { locate, faults } = await startOver(all, { records: ["txt"] });
    expect(await locate()).toBe(path);
    expect(faults.map((fault) => fault.split(" ")[0])).toEqual(faultNames);
  });

  it("looks at the records of the first of several names, and tells", async () => {
    const { resolver, faults } = await startOver(
      [ptr(PTR_NAME, "zz.example"), ptr(PTR_NAME, NAME), txt("dc=ams1", "rack=r1")],
      { records: ["txt"] },
    );
    expect(await resolver.locate("10.77.1.5")).toMatchObject({ path: ["ams1", "r1"], validSeconds: 30 });
    expect(faults).toEqual([expect.stringMatching(/^several-names /)]);
  });

  it.each([
    ["10.77.1.5", "{dashed}.racks.example", "10-77-1-5.racks.example"],
    ["10.77.1.5", "{arpa}", PTR_NAME],
    ["2001:db8::a5", "{dashed}.racks.example.", "2001-db8-0-0-0-0-0-a5.racks.example"],
    ["2001:db8::5", "_rack.{reversed}.x", `_rack.5.${"0.".repeat(23)}8.b.d.0.1.0.0.2.x`],
  ])("looks for the TXT record of %s at %s", async (address, template, name) => {
    const record: Answer = { type: "TXT", class: "IN", name, data: ["path=ams1/r1"], ttl: 30 };
    const { locate } = await startOver([record], { records: ["txt"], txt_name: template });
    expect(await locate(address)).toBe("ams1/r1");
  });

  it("tells of a templated name that is too long to be asked for", async () => {
    const { locate, faults } = await startOver([], { records: ["txt"], txt_name: `{reversed}.${"x".repeat(64)}` });
    expect(await locate()).toBeUndefined();
    expect(faults).toEqual([expect.stringMatching(/^name-malformed /)]);
  });

  it.each([
    ["of another version", Buffer.from("01000000800000008000000000989680", "hex")],
    ["cut short", Buffer.from("0000000080000000800000", "hex")],
    ["off the globe", Buffer.from("00000000ffffffffffffffff00989680", "hex")],
  ])("tells of a LOC record %s and calls the host unknown", async (_what, data) => {
    const { locate, faults } = await startOver([ptr(PTR_NAME, NAME), loc(data)], { records: ["loc"] });
    expect(await locate()).toBeUndefined();
    expect(faults).toEqual([expect.stringMatching(/^loc-malformed /)]);
  });

  it("tries the records in order and stops at the first that says where", async () => {
    const data = Buffer.from("00121613800000008000000000989680", "hex");
    const records = [ptr(PTR_NAME, NAME), loc(data), txt("dc=fra1", "rack=r1")];
    expect(await (await startOver(records, { records: ["txt", "loc", "ptr"] })).locate()).toBe("fra1/r1");
    expect(await (await startOver(records, { records: ["loc", "txt", "ptr"] })).locate()).toBe(
      "ams1/loc-0.0000-0.0004",
    );
  });
});

describe("dns resolver and its settings", () => {
  const refusal = (settings: Partial<Settings>) => start({ servers: ["10.0.0.53"], ...settings });

  it.each<[string, Partial<Settings>, string]>([
    ["a pattern that is none", { pattern: "(?<rack>" }, 'dns.pattern: "(?<rack>": Invalid regular expression'],
    ["a pattern without the group of a level", { pattern: "(?<rack>.)" }, "has no group named dc"],
    ["no pattern", { pattern: undefined as unknown as string }, 'dns.pattern: "": is needed to read PTR names'],
    [
      "a path of a group that is missing",
      { path: "{dc}/{row}" },
      'dns.path: "{dc}/{row}": names {row}, which is not known here; there are {rack}, {dc}',
    ],
    ["a path of the wrong depth", { path: "{dc}" }, "has 1 level where 2 levels must be"],
    ["a name of strange parts", { records: ["txt"], txt_name: "{host}.x" }, 'dns.txt_name: "{host}.x": names {host}'],
    ["a LOC path of the wrong depth", { records: ["loc"], loc_path: "{loc}" }, "dns.loc_path"],
    ["a server by name", { servers: ["ns.example"] }, 'dns.servers: "ns.example": is not the address of a server'],
    ["a server with a strange port", { servers: ["10.0.0.53:0", "[::1]:65536"] }, "[::1]:65536"],
  ])("refuses %s", async (_what, settings, message) => {
    await expect(refusal(settings)).rejects.toMatchObject({
      code: "RESOLVER_SETTINGS_FAULTY",
      message: expect.stringContaining(message),
    });
  });

  it("lists all faults at once", async () => {
    const attempt = refusal({
      servers: ["x"],
      records: ["ptr", "txt", "loc"],
      pattern: "(",
      txt_name: "{",
      loc_path: "}",
    });
    await expect(attempt).rejects.toMatchObject({ faults: { length: 4 } });
  });

  it("asks the system's servers when none are named", async () => {
    await expect(start({ servers: [] })).resolves.toBeDefined();
  });
});
