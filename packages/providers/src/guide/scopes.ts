/** Which scopes there are and how they are written. Pure. */
import type { Provider } from '../provider.ts';
import { type Block, code, codes, paragraph, type Section, say } from './blocks.ts';
import { vendorOf } from './words.ts';

/** Until here a list is short enough to be read at once. */
const SHORT = 8;

/** Modes whose integrations have scopes of their own. */
const choosing = new Set<Provider['auth_mode']>(['OAUTH2', 'OAUTH1', 'MCP_OAUTH2_GENERIC']);

export function scopesSection(provider: Provider): Section | undefined {
  const { default_scopes: defaults = [], available_scopes: available = [], scope_separator: separator = ' ' } = scopesOf(provider);
  const chooses = choosing.has(provider.auth_mode) || ('client_registration' in provider && provider.client_registration === 'static');
  if (!chooses)
    return defaults.length === 0
      ? undefined
      : { id: 'scopes', title: 'Scopes', blocks: [paragraph(say`${codes(defaults)} ${are(defaults)} asked for.`)] };
  if (provider.auth_mode === 'OAUTH1' && defaults.length + available.length === 0) return undefined;
  const vendor = vendorOf(provider);
  const written = separator === ',' ? [] : say`; ${vendor} gets them separated by ${separatorOf(separator)}`;
  const blocks: Block[] = [
    paragraph(
      say`${defaults.length > 0 ? say`Unless you choose others, ${codes(defaults)} ${are(defaults)} asked for.` : 'None is asked for unless you set some on the integration.'} Write them with commas between${written}.`,
    ),
  ];
  if (available.length > 0) {
    const items = available.map((scope) => [code(scope)]);
    const summary = available.length > SHORT ? `${available.length} scopes are known` : undefined;
    blocks.push(...(summary ? [] : [paragraph(say`Known scopes:`)]), { kind: 'list', ...(summary ? { summary } : {}), items });
  } else {
    blocks.push(paragraph(say`The documentation of ${vendor} lists what there is.`));
  }
  return { id: 'scopes', title: 'Scopes', blocks };
}

const are = ({ length }: readonly string[]) => (length === 1 ? 'is' : 'are');

function scopesOf(provider: Provider): {
  default_scopes?: string[] | undefined;
  available_scopes?: string[] | undefined;
  scope_separator?: string | undefined;
} {
  return 'scope_separator' in provider || 'default_scopes' in provider || 'available_scopes' in provider ? provider : {};
}

function separatorOf(separator: string) {
  const names: Record<string, string> = { ' ': 'spaces', ',': 'commas', '+': 'plus signs', ';': 'semicolons' };
  return names[separator] ?? code(separator);
}
