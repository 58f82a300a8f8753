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
