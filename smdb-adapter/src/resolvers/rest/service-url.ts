// Where a service is, as its settings say it.
import type { FaultList } from "./fault-list.ts";

const NOWHERE = new URL("http://nowhere.invalid");
const EXAMPLE = "write one such as https://smdb.example";

/** A URL to use only if there are no faults. */
export function readServiceUrl(text: string, faults: FaultList): URL {
  const url = URL.parse(text);
  // What looks like a password is not shown, whether or not the rest can be read.
  const shown = text.replace(/\/\/[^/]*@/, "//…@");
  const refuse = (problem: string, remedy: string) => faults.add("url", shown, problem, remedy);
  if (url === null) refuse("is no URL", EXAMPLE);
  else if (url.protocol !== "http:" && url.protocol !== "https:") refuse("is neither http:// nor https://", EXAMPLE);
  else if (url.username !== "" || url.password !== "") {
    refuse("has credentials in it", "take them out, and set token_file, or username and password_file");
  } else if (url.search !== "" || url.hash !== "") refuse("has a query in it", "write the query in path");
  return url ?? NOWHERE;
}
