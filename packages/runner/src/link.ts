/**
 * The Link header (RFC 8288, the successor of 5988): where does a relation point?
 */

/** The target of the first link with this relation; relation names compare without case, one link may carry several. */
export function linkTo(header: string | string[] | undefined, rel: string): string | undefined {
  if (header === undefined) return undefined;
  const text = Array.isArray(header) ? header.join(', ') : header;
  for (const [, target, attributes] of text.matchAll(/<([^>]*)>((?:\s*;\s*[^\s=;,]+(?:\s*=\s*(?:"[^"]*"|[^";,]*))?)*)/g)) {
    const rels = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s";,]+))/i.exec(attributes ?? '');
    const names = (rels?.[1] ?? rels?.[2] ?? '').toLowerCase().split(/\s+/);
    if (names.includes(rel.toLowerCase())) return target;
  }
  return undefined;
}
