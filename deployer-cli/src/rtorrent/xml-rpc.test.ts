import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseXmlRpcReply, printXmlRpcCall, type XmlRpcValue } from "./xml-rpc.ts";

const text = fc.string({ unit: "binary" }).filter((value) => !/(?![\t\n\r])\p{Cc}|[\ufffe\uffff]/u.test(value));
const { value } = fc.letrec<{ value: XmlRpcValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    text,
    fc.maxSafeInteger(),
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((number) => !Number.isInteger(number)),
    fc.array(tie("value")),
    fc
      .dictionary(text, tie("value"), { noNullPrototype: true })
      .filter((struct) => !("__proto__" in struct && Object.hasOwn(struct, "__proto__"))),
  ),
}));

/** A call's arguments as a reply would carry them. */
function echoed(argument: XmlRpcValue): string {
  const call = printXmlRpcCall("echo", [argument]);
  const params = call.slice(call.indexOf("<params>"), call.indexOf("</methodCall>"));
  return `<?xml version="1.0"?>\r\n<methodResponse>\r\n${params}\r\n</methodResponse>\r\n`;
}

describe("XML-RPC", () => {
  it("reads back every value it prints", () => {
    fc.assert(
      fc.property(value, (sent) => {
        expect(parseXmlRpcReply(echoed(sent))).toEqual({ kind: "value", value: sent });
      }),
    );
  });

  it("reads the reply of an rtorrent, white space and untyped text included", () => {
    const reply = `<?xml version="1.0" encoding="UTF-8"?>\r\n<methodResponse>\r\n<params>\r\n<param><value><array><data>\r\n<value><array><data>\r\n<value><string>a &amp; b</string></value>\r\n<value><i8>5000000000</i8></value>\r\n<value>bare</value>\r\n<value><string/></value></data></array></value>\r\n</data></array></value></param>\r\n</params>\r\n</methodResponse>\r\n`;
    expect(parseXmlRpcReply(reply)).toEqual({ kind: "value", value: [["a & b", 5_000_000_000, "bare", ""]] });
  });

  it("reads a fault as one", () => {
    const members =
      "<member><name>faultCode</name><value><i4>-506</i4></value></member><member><name>faultString</name><value><string>no such method</string></value></member>";
    const reply = `<?xml version="1.0"?><methodResponse><fault><value><struct>${members}</struct></value></fault></methodResponse>`;
    expect(parseXmlRpcReply(reply)).toEqual({ kind: "fault", faultCode: -506, faultString: "no such method" });
  });

  it("refuses what is cut off or something else, and never returns half of it", () => {
    const whole = echoed(["a", { b: [1, 2] }]);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: whole.trimEnd().length - 1 }), (end) => {
        expect(() => parseXmlRpcReply(whole.slice(0, end))).toThrow(SyntaxError);
      }),
    );
    expect(() => parseXmlRpcReply("<html><body>no</body></html>")).toThrow(/<html>/);
  });
});
