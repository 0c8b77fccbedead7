import { expect, it } from "vitest";
import { parseRequestTemplate } from "./request-template.ts";

const KNOWN = new Set(["address", "id"]);

function template(text: string) {
  const reading = parseRequestTemplate(text, KNOWN);
  if (!reading.ok) throw new Error(reading.problem);
  return reading.value;
}

it("puts values in percent-encoded, so that they stay one part of the path", () => {
  const values = new Map([
    ["address", "2001:db8::5"],
    ["id", "../a?b=c d"],
  ]);
  const { fill, names } = template("/at/{address}/of/{id}?again={address}");
  expect(fill(values)).toBe("/at/2001%3Adb8%3A%3A5/of/..%2Fa%3Fb%3Dc%20d?again=2001%3Adb8%3A%3A5");
  expect([...names]).toEqual(["address", "id"]);
});

it("shows a path without what the query says beside the values, which may be a secret", () => {
  const { show } = template("/at?key=s3cret&address={address}&limit=5&id=x{id}");
  expect(
    show(
      new Map([
        ["address", "10.0.0.1"],
        ["id", "7"],
      ]),
    ),
  ).toBe("/at?key=…&address=10.0.0.1&limit=…&id=…7");
});

it.each([
  ["/at/{ip}", "has {ip} in it, which nothing gives", "write {address} or {id}"],
  ["at/{address}", "is no path", "begin it with a slash, such as /servers/{address} or {id}"],
  ["/at/{address}/x y", "has a character that no URL may have", undefined],
  ["/at/{address}#rack", "has a character that no URL may have", undefined],
  ["/at/{address", "has a character that no URL may have", undefined],
  ["/ät/{address}", "has a character that no URL may have", undefined],
])("refuses %j", (text, problem, remedy) => {
  const refusal = parseRequestTemplate(text, KNOWN);
  expect(refusal).toMatchObject({ ok: false, problem, ...(remedy !== undefined && { remedy }) });
});
