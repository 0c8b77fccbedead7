// Writes XML that any parser reads, whatever text comes in from outside; pure.

export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** What XML 1.0 cannot hold, not even escaped: most control characters, halves of surrogate pairs, two non-characters. */
// eslint-disable-next-line no-control-regex
const ILLEGAL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu;

/** Children stand on lines of their own; attributes that are undefined are left out. */
export function printElement(tag: string, attributes: Attributes, children: readonly string[] = []): string {
  const start = startOf(tag, attributes);
  return children.length === 0 ? `${start}/>` : `${start}>\n${children.join("\n")}\n</${tag}>`;
}

export function printTextElement(tag: string, attributes: Attributes, text: string): string {
  return `${startOf(tag, attributes)}>${escape(text)}</${tag}>`;
}

function startOf(tag: string, attributes: Attributes): string {
  const given = Object.entries(attributes).filter(([, value]) => value !== undefined);
  return `<${tag}${given.map(([name, value]) => ` ${name}="${escape(String(value))}"`).join("")}`;
}

/** For text and attributes alike. Line ends and tabs become numbers, because in an attribute parsers read them as spaces. */
function escape(text: string): string {
  return text.replace(ILLEGAL, "\ufffd").replace(/[&<>"'\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}
