import { describe, expect, test } from 'vitest';
import { inputModel, withDefinitions } from '../../src/deployments/input-model.ts';

const declared = (input: string | undefined, definitions: Record<string, object>) => ({ input, schema: { definitions } });
const to = (name: string) => ({ $ref: `#/definitions/${name}` });

describe('the model of an input', () => {
  test.each([
    ['is what its name says', declared('A', { A: { type: 'object' } }), { type: 'object' }],
    ['is where pointers end', declared('A', { A: to('B'), B: to('C'), C: { type: 'object' } }), { type: 'object' }],
    ['is none when nothing is declared', declared(undefined, { A: {} }), undefined],
    ['is none when no definition has its name', declared('toString', {}), undefined],
    ['is none when a pointer leads nowhere', declared('A', { A: to('B') }), undefined],
    ['is none when pointers lead back to themselves', declared('A', { A: to('B'), B: to('A') }), undefined],
    ['is none without definitions', { input: 'A' }, undefined],
  ])('%s', (_what, config, model) => {
    expect(inputModel(config)).toEqual(model);
  });
});

describe('a model that stands alone', () => {
  test('takes the definitions along that it leads to, each once, and no others', () => {
    const A = { type: 'object', properties: { b: to('B'), again: { type: 'array', items: to('B') } } };
    const B = { type: 'object', properties: { a: to('A'), c: to('C'), missing: to('D') } };
    const config = declared('A', { A, B, C: { type: 'string' }, Unused: {} });
    expect(withDefinitions(config, A)).toEqual({ ...A, definitions: { A, B, C: { type: 'string' } } });
  });

  test('may lead to itself, by whatever name', () => {
    const definitions = JSON.parse('{"__proto__":{"type":"object","properties":{"a":{"$ref":"#/definitions/__proto__"}}}}');
    const model = { type: 'object', properties: { b: to('__proto__') } };
    expect(JSON.stringify(withDefinitions(declared('A', definitions), model))).toBe(JSON.stringify({ ...model, definitions }));
  });

  test('is as it was when it leads nowhere, and keeps definitions of its own', () => {
    const own = { type: 'object', definitions: { Own: {} } };
    expect(withDefinitions(declared('A', { A: own }), own)).toBe(own);
    const both = { ...own, properties: { b: to('B'), own: to('Own') } };
    expect(withDefinitions(declared('A', { A: both, B: {} }), both)).toEqual({ ...both, definitions: { Own: {}, B: {} } });
  });
});
