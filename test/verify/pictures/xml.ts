/** A strict reader of the XML that pictures are made of: elements, attributes and text, and nothing else. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** The text that stands directly in the element. */
  readonly text: string;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** What XML 1.0 calls Char, as a class of characters. */
const CHARACTERS = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;

function decoded(text: string): string {
  if (text.includes('<')) throw new Error(`unescaped markup: ${text}`);
  return text.replace(/&([^;&]*;?)/g, (whole, name: string) => {
    const character = name.endsWith(';') ? ENTITIES[name.slice(0, -1)] : undefined;
    if (character === undefined) throw new Error(`no entity: ${whole}`);
    return character;
  });
}

function attributesOf(source: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  const rest = source.replace(/\s+([\w-]+)="([^"]*)"/g, (_, name: string, value: string) => {
    if (name in found) throw new Error(`the attribute ${name} stands twice`);
    found[name] = decoded(value);
    return '';
  });
  if (rest.trim() !== '') throw new Error(`not attributes: ${rest}`);
  return found;
}

interface Open {
  name: string;
  attributes: Readonly<Record<string, string>>;
  children: XmlElement[];
  text: string;
}

/** The root element of a document; throws where it is not well-formed. */
export function parseXml(source: string): XmlElement {
  if (!CHARACTERS.test(source)) throw new Error('a character that XML may not hold');
  const root: Open = { name: '', attributes: {}, children: [], text: '' };
  const open: Open[] = [root];
  for (const [token] of source.matchAll(/<[^>]*>|[^<]+|</g)) {
    const parent = open[open.length - 1];
    const tag = /^<(\/?)([a-z]+)((?:\s+[\w-]+="[^"]*")*)\s*(\/?)>$/i.exec(token);
    if (!token.startsWith('<')) parent.text += decoded(token);
    else if (tag === null) throw new Error(`no tag: ${token}`);
    else if (tag[1] === '/') {
      if (open.pop()?.name !== tag[2]) throw new Error(`${token} closes nothing`);
    } else {
      const element: Open = { name: tag[2], attributes: attributesOf(tag[3]), children: [], text: '' };
      parent.children.push(element);
      if (tag[4] !== '/') open.push(element);
    }
  }
  if (open.length !== 1 || root.children.length !== 1 || root.text.trim() !== '') throw new Error('not one root');
  return root.children[0];
}

/** An element and everything in it, in the order of the document. */
export const allElements = (root: XmlElement): readonly XmlElement[] => [root, ...root.children.flatMap(allElements)];

/** All elements of a name. */
export const elementsNamed = (root: XmlElement, name: string): readonly XmlElement[] =>
  allElements(root).filter((element) => element.name === name);
