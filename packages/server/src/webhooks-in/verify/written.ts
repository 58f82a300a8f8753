/** Takes a signature apart as its provider writes it: `sha256={sig}`, `t={timestamp},v1={sig}`, `v1,{sig}`, `{timestamp},{sig}`. Pure. */

export type Written = { readonly signatures: readonly string[]; readonly timestamp?: string };

/** @returns no signature when the text is not written so; several while a provider changes its keys */
export function takeApart(text: string, format = '{sig}'): Written {
  return format.includes('{timestamp}') ? pairs(text, format) : list(text, format);
}

function list(text: string, format: string): Written {
  const [prefix = '', suffix = ''] = format.split('{sig}');
  const lower = prefix.toLowerCase();
  // Standard Webhooks puts spaces between signatures that hold a comma; others put commas.
  const parts = prefix.includes(',') ? text.split(/\s+/) : prefix === '' ? [text] : text.split(/,\s*/);
  const signatures = parts
    .map((part) => part.trim())
    // A scheme such as Bearer is written in any case (RFC 9110, 11.1).
    .filter((part) => part.toLowerCase().startsWith(lower) && part.endsWith(suffix))
    .map((part) => part.slice(prefix.length, part.length - suffix.length))
    .filter((part) => part !== '');
  return { signatures };
}

function pairs(text: string, format: string): Written {
  const names = format.split(/[,;]\s*/);
  const parts = text.split(/[,;]\s*/);
  if (names.every((name) => /^\{\w+\}$/.test(name))) {
    const [timestamp, ...signatures] = parts; // without names: the time comes first
    return { signatures, ...(timestamp === undefined ? {} : { timestamp }) };
  }
  const valuesOf = (placeholder: string) => {
    const name = names.find((one) => one.endsWith(placeholder))?.slice(0, -placeholder.length);
    return name === undefined ? [] : parts.flatMap((part) => (part.startsWith(name) ? [part.slice(name.length)] : []));
  };
  const [timestamp] = valuesOf('{timestamp}');
  return { signatures: valuesOf('{sig}'), ...(timestamp === undefined ? {} : { timestamp }) };
}
