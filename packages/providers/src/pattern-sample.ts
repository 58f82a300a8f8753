/** A short text of a pattern's form, for trying things. The shortest that has one of everything; no guess at what a person would enter. Pure. */
import { createRequire } from 'node:module';
import type * as Regexpp from '@eslint-community/regexpp';

const load = createRequire(import.meta.url);

/** @returns undefined for what cannot be made step by step: look-around, back references, classes of other scripts */
export function sampleOf(pattern: string): string | undefined {
  const { RegExpParser }: typeof Regexpp = load('@eslint-community/regexpp');
  try {
    return anyOf(new RegExpParser().parsePattern(pattern, undefined, undefined, { unicode: false }).alternatives);
  } catch {
    return undefined;
  }
}

type Node = Regexpp.AST.Element | Regexpp.AST.ClassRangesCharacterClassElement;

function anyOf(alternatives: readonly Regexpp.AST.Alternative[]): string {
  return (alternatives[0]?.elements ?? []).map(text).join('');
}

function text(node: Node): string {
  switch (node.type) {
    case 'Character':
      return String.fromCodePoint(node.value);
    case 'CharacterClass':
    case 'CharacterClassRange':
    case 'CharacterSet':
      return member(node);
    case 'Group':
    case 'CapturingGroup':
      return anyOf(node.alternatives);
    case 'Quantifier':
      return text(node.element).repeat(Math.max(node.min, node.max === 0 ? 0 : 1));
    case 'Assertion':
      if (node.kind === 'start' || node.kind === 'end') return '';
      throw new Error(`no sample of ${node.raw}`);
    default:
      throw new Error(`no sample of ${node.raw}`);
  }
}

/** The first letter, digit or sign that the class takes. */
function member({ raw }: { readonly raw: string }): string {
  const source = raw === '.' || raw.startsWith('[') || raw.startsWith('\\') ? raw : `[${raw}]`;
  const found = [...'a1A0-_./:@zZ9 +=,'].find((char) => new RegExp(`^${source}$`).test(char));
  if (found === undefined) throw new Error(`no sample of ${raw}`);
  return found;
}
