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

/** Queries in a text, also in the middle of it: of each secret parameter its name and its value as it is written. */
export function secretParameters(text: string): [string, string][] {
  return [...text.matchAll(/(?:^|[?&;])([\w.[\]-]{2,64})=([^&\s"'<>#;]+)/g)].flatMap(([, name = '', value = '']): [string, string][] =>
    isSecretName(name) ? [[name, value]] : [],
  );
}

/** An address for people to read: what is secret in its query is left out. */
export const withoutSecrets = (address: string): string =>
  secretParameters(address).reduce((text, [name, value]) => text.replace(`${name}=${value}`, `${name}=…`), address);
