// The public entry of the package: "where is this address?", asked of whatever knows; and what reads and watches its files.
export { canonicalAddress } from "./address.ts";
export {
  type CachedResolver,
  type CacheOptions,
  createCachedResolver,
  type TopologyExplanation,
} from "./cache/cached-resolver.ts";
export { TOPOLOGY_ERRORS, TopologyError, type TopologyErrorCode, type TopologyFault } from "./errors.ts";
export type { PrefixEntry } from "./location-table.ts";
export { parsePrefix, type Prefix, printPrefix } from "./prefix.ts";
export { type ResolverContext, type ResolverEvent, type ResolverKind } from "./resolver-kind.ts";
export type { Reading } from "./reading.ts";
export { ansibleKind } from "./resolvers/ansible/ansible.ts";
export { commandKind } from "./resolvers/command.ts";
export { dnsKind } from "./resolvers/dns/dns.ts";
export { type FileResolver, type FileResolverOptions, type ReloadResult, startFileResolver } from "./resolvers/file.ts";
export { createSubnetResolver, type SubnetResolver, type SubnetResolverOptions } from "./resolvers/subnet.ts";
export { restKind } from "./resolvers/rest/rest.ts";
export { fileSignature, type FileWatch, startFileWatch } from "./topology-file/file-watch.ts";
export { readTextFile } from "./topology-file/text-file.ts";
export type { TopologyFormat } from "./topology-file/topology-text.ts";
export type { Location, MaybePromise, TopologyPath, TopologyResolver } from "./topology-resolver.ts";
