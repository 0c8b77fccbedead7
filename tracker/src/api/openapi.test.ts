import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { printOpenapi } from "./print-openapi.ts";

it("the committed OpenAPI document is the one of the routes (else: npm run openapi)", async () => {
  const committed = readFileSync(new URL("../../openapi.json", import.meta.url), "utf8");
  expect(committed).toBe(await printOpenapi());
});

it("the document names every call, its refusals included", async () => {
  const { paths } = JSON.parse(await printOpenapi()) as {
    paths: Record<string, Record<string, { responses: Record<string, { content: object }> }>>;
  };
  const calls = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  expect(calls.sort()).toEqual([
    "delete /announce-keys/{user}",
    "delete /bans/cidr/{address}/{length}",
    "delete /bans/client/{prefix}",
    "delete /bans/{infoHash}",
    "get /announce-keys",
    "get /audit",
    "get /bans",
    "get /bans/cidr/{address}/{length}",
    "get /bans/client/{prefix}",
    "get /bans/{infoHash}",
    "get /health",
    "get /healthz",
    "get /hosts/{address}/transfers",
    "get /hosts/{address}/transfers/{infoHash}/manifest",
    "get /hosts/{address}/transfers/{infoHash}/signature",
    "get /hosts/{address}/transfers/{infoHash}/torrent",
    "get /metrics",
    "get /readyz",
    "get /topology/{address}",
    "get /transfers",
    "get /transfers/{infoHash}",
    "get /transfers/{infoHash}/explain/{address}",
    "get /transfers/{infoHash}/manifest",
    "get /transfers/{infoHash}/peers",
    "get /transfers/{infoHash}/racks",
    "get /transfers/{infoHash}/signature",
    "get /transfers/{infoHash}/torrent",
    "get /transfers/{infoHash}/traffic",
    "post /announce-keys/{user}",
    "post /announce-keys/{user}/rotate",
    "post /transfers",
    "post /transfers/{infoHash}/activate",
    "post /transfers/{infoHash}/deactivate",
    "put /bans/cidr/{address}/{length}",
    "put /bans/client/{prefix}",
    "put /bans/{infoHash}",
    "put /hosts/{address}/transfers/{infoHash}",
  ]);
  const controls = Object.entries(paths).filter(([path]) => !/^\/(health|healthz|readyz)$/.test(path));
  for (const [, methods] of controls)
    for (const { responses } of Object.values(methods))
      expect(Object.keys(responses["4XX"]?.content ?? {})).toEqual(["application/problem+json"]);
});
