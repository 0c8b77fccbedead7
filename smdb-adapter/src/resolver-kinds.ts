// Every kind of resolver there is.
import type { ResolverKind } from "./resolver-kind.ts";
import { ansibleKind } from "./resolvers/ansible/ansible.ts";
import { commandKind } from "./resolvers/command.ts";
import { dnsKind } from "./resolvers/dns/dns.ts";
import { fileKind } from "./resolvers/file.ts";
import { restKind } from "./resolvers/rest/rest.ts";
import { subnetKind } from "./resolvers/subnet.ts";

export const RESOLVER_KINDS: readonly ResolverKind[] = [
  fileKind,
  ansibleKind,
  subnetKind,
  restKind,
  dnsKind,
  commandKind,
];
