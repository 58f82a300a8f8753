/** Code samples with the real address and key, ready to paste. */
export type Call = { method: string; path: string; headers?: Record<string, string>; body?: unknown };
export type Access = { apiUrl: string; key: string };

/** The same call for a shell and for Node. */
export function samplesOf({ apiUrl, key }: Access, call: Call): Record<string, string> {
  const headers = { Authorization: `Bearer ${key}`, ...call.headers };
  return { curl: curl(apiUrl, headers, call), Node: node(apiUrl, headers, call) };
}

function curl(apiUrl: string, headers: Record<string, string>, { method, path, body }: Call): string {
  const lines = [`curl ${method === 'GET' ? '' : `-X ${method} `}${quote(`${apiUrl}${path}`)}`];
  for (const [name, value] of Object.entries(headers)) lines.push(`  -H ${quote(`${name}: ${value}`)}`);
  if (body !== undefined) lines.push(`  -H 'Content-Type: application/json'`, `  -d ${quote(JSON.stringify(body))}`);
  return lines.join(' \\\n');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function node(apiUrl: string, headers: Record<string, string>, { method, path, body }: Call): string {
  const all = { ...headers, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) };
  const lines = [
    `const response = await fetch(${literal(`${apiUrl}${path}`)}, {`,
    ...(method === 'GET' ? [] : [`  method: '${method}',`]),
    '  headers: {',
    ...Object.entries(all).map(([name, value]) => `    '${name}': ${literal(value)},`),
    '  },',
    ...(body === undefined ? [] : [`  body: JSON.stringify(${JSON.stringify(body)}),`]),
    '});',
    'console.log(await response.json());',
  ];
  return lines.join('\n');
}

function literal(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
