// Starts a resolver by its kind, with the defaults that its settings declare.
import type { ResolverContext, ResolverKind, TopologyResolver } from "@rackcast/smdb-adapter";

type SettingsOf<Kind> = Kind extends { start(settings: infer Settings, context: ResolverContext): unknown }
  ? Settings
  : never;

export interface KindStart {
  readonly levels?: readonly string[] | undefined;
  readonly timeoutMs?: number;
  readonly onEvent?: ResolverContext["onEvent"];
}

const LEVELS = ["dc", "row", "rack"];

export async function startKind<Kind extends Pick<ResolverKind, "type" | "settings"> & { start: unknown }>(
  kind: Kind & { start(settings: SettingsOf<Kind>, context: ResolverContext): Promise<TopologyResolver> },
  settings: Partial<SettingsOf<Kind>>,
  { levels = LEVELS, timeoutMs = 10_000, onEvent = () => undefined }: KindStart = {},
): Promise<TopologyResolver> {
  const schemas: readonly (readonly [string, { readonly default?: unknown }])[] = Object.entries(
    kind.settings.properties,
  );
  const defaults = Object.fromEntries(
    schemas.filter(([, schema]) => "default" in schema).map(([name, schema]) => [name, schema.default]),
  );
  const context = { name: kind.type, levels, timeoutMs, onEvent };
  return await kind.start({ ...defaults, ...settings } as SettingsOf<Kind>, context);
}
