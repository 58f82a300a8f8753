/** How settings are read: each answers the value, or throws on what is not allowed without saying what it was given. */
import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { createAddressGuard } from './address.ts';

export function wholeNumber(text: string, max: number): number {
  return Number(matching(/^\d{1,9}$/, text)) <= max ? Number(text) : refuse();
}

export function oneOf<T extends string>(allowed: readonly T[], text: string): T {
  return allowed.find((value) => value === text) ?? refuse();
}

export function matching(pattern: RegExp, text: string): string {
  return pattern.test(text) ? text : refuse();
}

/** As a content security policy names it: no path, at most one star, as the first label. */
export function embedder(text: string): string {
  return matching(/^https?:\/\/(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:\d{1,5})?$/i, text);
}

export function existingFolder(path: string): string {
  return statSync(path).isDirectory() ? resolve(path) : refuse();
}

export function existing(path: string): string {
  return existsSync(path) ? resolve(path) : refuse();
}

/** The file's text. Each certificate is read once here, so that a broken one stops the start and not the first request. */
export function certificates(path: string): string {
  const text = readFileSync(path, 'utf8');
  const found = text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? refuse();
  return found.map((one) => new X509Certificate(one).toString()).join('');
}

export function urlOf(text: string, protocols: string[]): string {
  return protocols.includes(new URL(text).protocol) ? text : refuse();
}

export function originOf(text: string): string {
  const url = new URL(urlOf(text, ['http:', 'https:']));
  return url.pathname === '/' && !url.search && !url.hash && !url.username ? url.origin : refuse();
}

export function transit(url: string, token: string | undefined): { keyUrl: string; token: string } {
  const { pathname, search, username } = new URL(urlOf(url, ['http:', 'https:']));
  if (!token || search || username || !/^\/v1\/.+\/keys\/[^/]+$/.test(pathname)) return refuse();
  return { keyUrl: url, token };
}

/** As written; the guard itself says whether it understands them. */
export function outboundAllow(text: string): readonly string[] {
  const entries = text.split(',').flatMap((entry) => entry.trim() || []);
  createAddressGuard(entries);
  return entries;
}

export function refuse(): never {
  throw new RangeError('not allowed');
}
