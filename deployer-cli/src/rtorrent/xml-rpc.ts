// XML-RPC as rtorrent speaks it: calls to text, replies to values; pure.

export type XmlRpcValue = string | number | boolean | readonly XmlRpcValue[] | { readonly [name: string]: XmlRpcValue };

/** What the other side answered instead of a value. */
export interface XmlRpcFault {
  readonly faultCode: number;
  readonly faultString: string;
}

export type XmlRpcReply =
  { readonly kind: "value"; readonly value: XmlRpcValue } | ({ readonly kind: "fault" } & XmlRpcFault);

/** Integers beyond 32 bits are written as `i8`, an extension that xmlrpc-c, and so rtorrent, reads and writes. */
export function printXmlRpcCall(method: string, args: readonly XmlRpcValue[]): string {
  const params = args.map((arg) => `<param>${printValue(arg)}</param>`).join("");
  return `<?xml version="1.0" encoding="UTF-8"?><methodCall><methodName>${escape(method)}</methodName><params>${params}</params></methodCall>`;
}

function printValue(value: XmlRpcValue): string {
  return `<value>${printContent(value)}</value>`;
}

function printContent(value: XmlRpcValue): string {
  if (typeof value === "string") return `<string>${escape(value)}</string>`;
  if (typeof value === "boolean") return `<boolean>${value ? 1 : 0}</boolean>`;
  if (typeof value === "number") return printNumber(value);
  if (isArray(value)) return `<array><data>${value.map(printValue).join("")}</data></array>`;
  const members = Object.entries(value).map(
    ([name, member]) => `<member><name>${escape(name)}</name>${printValue(member)}</member>`,
  );
  return `<struct>${members.join("")}</struct>`;
}

function isArray(value: XmlRpcValue): value is readonly XmlRpcValue[] {
  return Array.isArray(value);
}

function printNumber(value: number): string {
  if (!Number.isInteger(value)) return `<double>${value}</double>`;
  return value === (value | 0) ? `<i4>${value}</i4>` : `<i8>${value}</i8>`;
}

/** @throws SyntaxError when the text is no XML-RPC response */
export function parseXmlRpcReply(text: string): XmlRpcReply {
  const reader = createReader(text);
  if (reader.peek().startsWith("?xml")) reader.take();
  reader.expect("methodResponse");
  if (reader.peek() !== "fault") {
    reader.expect("params", "param");
    const value = readValue(reader);
    reader.expect("/param", "/params", "/methodResponse");
    return { kind: "value", value };
  }
  reader.expect("fault");
  const fault = asFault(readValue(reader));
  reader.expect("/fault", "/methodResponse");
  return { kind: "fault", ...fault };
}

function asFault(value: XmlRpcValue): XmlRpcFault {
  const fault = typeof value === "object" && !isArray(value) ? value : {};
  return { faultCode: Number(fault["faultCode"] ?? 0), faultString: textOf(fault["faultString"]) };
}

function textOf(value: XmlRpcValue | undefined): string {
  return typeof value === "string" ? value : "no reason given";
}

/** A document as its tags in turn, without angle brackets, and the text in front of each. */
interface Reader {
  peek(): string;
  /** Takes the next tag; `text` is what stood before it. */
  take(): { readonly tag: string; readonly text: string };
  expect(...tags: readonly string[]): void;
}

function createReader(document: string): Reader {
  const tags = /([^<]*)<([^>]+)>/gy;
  let next = read();

  function read(): { tag: string; text: string } {
    const match = tags.exec(document);
    return { text: match?.[1] ?? "", tag: match?.[2]?.trim() ?? "" };
  }

  function take(): { tag: string; text: string } {
    const taken = next;
    if (taken.tag === "") throw new SyntaxError("the XML-RPC reply ends too early");
    next = read();
    return taken;
  }

  function expect(...expected: readonly string[]): void {
    for (const tag of expected) {
      const found = take().tag;
      if (found !== tag) throw new SyntaxError(`the XML-RPC reply has <${found}> where <${tag}> was expected`);
    }
  }

  return { peek: () => next.tag, take, expect };
}

function readValue(reader: Reader): XmlRpcValue {
  reader.expect("value");
  const type = reader.peek();
  if (type === "/value") return unescape(reader.take().text);
  reader.take();
  const value = readContent(reader, type);
  reader.expect("/value");
  return value;
}

function readContent(reader: Reader, type: string): XmlRpcValue {
  if (type === "array") return readArray(reader);
  if (type === "struct") return readStruct(reader);
  if (type.endsWith("/")) return "";
  const { tag, text } = reader.take();
  if (tag !== `/${type}`) throw new SyntaxError(`the XML-RPC reply closes <${type}> by <${tag}>`);
  return readScalar(type, text);
}

function readScalar(type: string, text: string): XmlRpcValue {
  if (type === "string" || type === "base64") return unescape(text);
  if (type === "boolean") return text.trim() === "1";
  if (["i4", "int", "i8", "double"].includes(type)) return Number(text);
  throw new SyntaxError(`the XML-RPC reply has a value of the unknown type "${type}"`);
}

function readArray(reader: Reader): XmlRpcValue[] {
  reader.expect("data");
  const items: XmlRpcValue[] = [];
  while (reader.peek() !== "/data") items.push(readValue(reader));
  reader.expect("/data", "/array");
  return items;
}

function readStruct(reader: Reader): XmlRpcValue {
  const members: [string, XmlRpcValue][] = [];
  while (reader.peek() !== "/struct") {
    reader.expect("member", "name");
    const name = unescape(reader.take().text);
    members.push([name, readValue(reader)]);
    reader.expect("/member");
  }
  reader.expect("/struct");
  return Object.fromEntries(members);
}

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

// A carriage return is written as a reference because XML reads a bare one as a line feed.
function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("\r", "&#13;");
}

function unescape(text: string): string {
  return text.replaceAll(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (hex) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal) return String.fromCodePoint(Number(decimal));
    return ENTITIES[name] ?? whole;
  });
}
