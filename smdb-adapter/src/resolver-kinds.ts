// Every kind of resolver there is.
import type { ResolverKind } from "./resolver-kind.ts";
import { fileKind } from "./resolvers/file.ts";
import { subnetKind } from "./resolvers/subnet.ts";

export const RESOLVER_KINDS: readonly ResolverKind[] = [fileKind, subnetKind];
