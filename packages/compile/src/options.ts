/** Reading values of unknown type from what an author exported: one expectation a method, complaints instead of exceptions. */
import type { z } from 'zod';

export type Endpoint = { method: string; path: string; group?: string };

/** In: the option (or undefined for the whole), a code for machines, what is wrong and what to write. */
export type Complain = (option: string | undefined, code: string, message: string) => void;

export class Options {
  readonly #values: Record<string, unknown>;
  readonly #complain: Complain;

  constructor(exported: unknown, complain: Complain) {
    this.#values = isRecord(exported) ? exported : {};
    this.#complain = complain;
  }

  raw(name: string): unknown {
    return this.#values[name];
  }

  text(name: string, lengthMax = 255): string {
    const value = this.raw(name);
    if (typeof value !== 'string' || value === '') this.#complain(name, `missing_${name}`, 'must be a text.');
    else if (value.length > lengthMax)
      this.#complain(name, `invalid_${name}`, `must be at most ${lengthMax} characters, not ${value.length}.`);
    else return value;
    return '';
  }

  optionalText(name: string): string {
    return this.raw(name) === undefined ? '' : this.text(name);
  }

  texts(name: string): string[] {
    const value = this.raw(name) ?? [];
    const isTexts = Array.isArray(value) && value.every((item) => typeof item === 'string' && item.length <= 255);
    if (!isTexts) this.#complain(name, `invalid_${name}`, 'must be a list of texts of at most 255 characters.');
    return isTexts ? value : [];
  }

  schema(name: string, required: boolean): z.ZodType | undefined {
    const value = this.raw(name);
    if (isSchema(value)) return value;
    if (required || value !== undefined) this.#complain(name, `invalid_${name}`, 'must be a zod schema; for none write z.void().');
    return undefined;
  }

  endpoints(name: string): Endpoint[] {
    const value = this.raw(name) ?? [];
    const list: unknown[] = Array.isArray(value) ? value : [value];
    return list.flatMap((item) => {
      if (isRecord(item) && typeof item.method === 'string' && typeof item.path === 'string') {
        const { method, path, group } = item;
        return [{ method, path, ...(typeof group === 'string' && { group }) }];
      }
      this.#complain(name, `invalid_${name}`, "must be { method: 'GET', path: '/issues' }.");
      return [];
    });
  }
}

export const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** By structure, not by class: author code and command may hold two copies of zod. */
export const isSchema = (value: unknown): value is z.ZodType => isRecord(value) && isRecord(value._zod) && isRecord(value._zod.def);
