// The path that announces go to, and the announce key in it.

const KEY_AT = "/announce/".length;

/** What follows `/announce/` in a path, with or without a query; `""` in any other. */
export function announceKeyIn(url: string): string {
  if (!url.startsWith("/announce/")) return "";
  const queryAt = url.indexOf("?", KEY_AT);
  return queryAt < 0 ? url.slice(KEY_AT) : url.slice(KEY_AT, queryAt);
}
