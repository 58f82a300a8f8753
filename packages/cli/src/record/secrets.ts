/** What is a secret: by the name of where it stands, and by its shape. Pure. */

/** Names that hold secrets, without their separators and capitals. */
const secret =
  /(?:access|refresh|id|auth|bearer|session|api|security|user|bot|csrf|xsrf|device|private|personal|oauth|subscription)token$|(?:access|api|secret|private|signing|subscription|account|consumer|master|encryption)key$|secret$|secretkey|password$|passwd$|passphrase$|^pwd$|^token$|^authorization$|^proxyauthorization$|cookie$|signature$|^sig$|^jwt$|^xapikey$|^xauthtoken$|credential$|assertion$|^authcode$|^otp$/;
/** Places in a list, not secrets, though they may be called tokens. */
const place = /(?:page|next|prev|previous|sync|continuation|delta|cursor|resume|paging|change|start)(?:key|token)$/;

export function isSecretName(name: string): boolean {
  const plain = name.toLowerCase().replace(/[^a-z0-9]/g, '');
  return secret.test(plain) && !place.test(plain);
}

/** Texts that are secrets wherever they stand: the forms that issuers document, and tokens that sign themselves. */
const shapes = [
  /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}/g,
  /\b(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,})/g,
  /\bxox[abeprs]-[\w-]{10,}/g,
  /\b(?:sk|rk|pk)_(?:live|test)_\w{10,}/g,
  /\bsk-[\w-]{20,}/g,
  /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g,
  /\bAIza[\w-]{35}/g,
  /\bya29\.[\w-]{20,}/g,
  /\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}/g,
  /\bSG\.[\w-]{16,}\.[\w-]{16,}/g,
  /\bpat-(?:na|eu|ap)\d-[0-9a-f-]{30,}/g,
  /\blin_(?:api|oauth)_\w{20,}/g,
  /\bsecret_\w{30,}/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]+?-----END [A-Z ]*PRIVATE KEY-----/g,
];

export const secretShapes = (text: string): string[] => shapes.flatMap((shape) => text.match(shape) ?? []);

/** Queries in a text, also in the middle of it: of each secret parameter its name and its value as it is written. */
export function secretParameters(text: string): [string, string][] {
  return [...text.matchAll(/(?:^|[?&;])([\w.[\]-]{2,64})=([^&\s"'<>#;]+)/g)].flatMap(([, name = '', value = '']): [string, string][] =>
    isSecretName(name) ? [[name, value]] : [],
  );
}

/** An address for people to read: what is secret in its query is left out. */
export const withoutSecrets = (address: string): string =>
  secretParameters(address).reduce((text, [name, value]) => text.replace(`${name}=${value}`, `${name}=…`), address);
