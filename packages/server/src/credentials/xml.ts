/**
 * XML to and from plain values, for sign-ins that speak it. Writing: `$name` is an attribute, `#text` the text beside it, a list
 * repeats its element. Reading: attributes and prefixes are left out, and a document with a DOCTYPE is refused, so there are no
 * entities to expand or to fetch.
 */
import { DOMImplementation, DOMParser, type Document, type Element, XMLSerializer } from '@xmldom/xmldom';
import type { Nested } from './params.ts';

/** @param content one key, which is the root */
export function writeXml(content: Readonly<Record<string, Nested>>): string {
  const [[root, value] = ['', ''], ...more] = Object.entries(content);
  if (root === '' || more.length > 0) throw new TypeError('an XML document has one root');
  const document = new DOMImplementation().createDocument(null, '');
  // Made without a namespace, so that a prefix is just a part of the name; its attribute declares it.
  const element = document.createElement(root);
  document.appendChild(element);
  fill(document, element, value);
  return `<?xml version="1.0" encoding="UTF-8"?>${new XMLSerializer().serializeToString(document)}`;
}

function fill(document: Document, element: Element, value: Nested): void {
  if (typeof value !== 'object' || value === null) {
    element.appendChild(document.createTextNode(String(value ?? '')));
    return;
  }
  for (const [name, inner] of Object.entries(value)) {
    if (name.startsWith('$')) {
      element.setAttribute(name.slice(1), String(inner));
      continue;
    }
    if (name === '#text') {
      fill(document, element, inner);
      continue;
    }
    for (const one of Array.isArray(inner) ? inner : [inner]) {
      const child = document.createElement(name);
      fill(document, child, one);
      element.appendChild(child);
    }
  }
}

export type Read = string | { readonly [name: string]: Read | readonly Read[] };

/** The root by its name, or undefined for what is no XML, or more of it than an answer needs. */
export function readXml(text: string): Readonly<Record<string, Read>> | undefined {
  if (/<!DOCTYPE/i.test(text)) return undefined;
  try {
    const root = new DOMParser({ onError: stop }).parseFromString(text, 'text/xml').documentElement;
    return root ? { [root.localName ?? root.nodeName]: read(root) } : undefined;
  } catch {
    return undefined;
  }
}

function stop(level: string, message: string): void {
  if (level !== 'warning') throw new SyntaxError(message);
}

function read(element: Element): Read {
  const children = [...element.childNodes].filter((node): node is Element => node.nodeType === element.ELEMENT_NODE);
  if (children.length === 0) return (element.textContent ?? '').trim();
  const found = new Map<string, Read | readonly Read[]>();
  for (const child of children) {
    const name = child.localName ?? child.nodeName;
    const before = found.get(name);
    const value = read(child);
    found.set(name, before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value]);
  }
  return Object.fromEntries(found);
}
