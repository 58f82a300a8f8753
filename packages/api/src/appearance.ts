/**
 * How the connect page looks: what may be set, its patterns and what it is by default. Plain data without schemas, so that the page can load it.
 * Whatever becomes part of a style has one of these patterns; none of them can end a declaration or fetch anything.
 */
const colour = /^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i;

/** The CSS variables of the page that a customer may set, and the form of each. */
export const variablePatterns = {
  '--canvas': colour,
  '--panel': colour,
  '--sunken': colour,
  '--line': colour,
  '--ink': colour,
  '--muted': colour,
  /** Of cards and controls. */
  '--radius': /^(?:\d|[12]\d|3[0-2])px$/,
  /** Names of fonts that the person has; the first one there is taken. */
  '--font': /^[a-z0-9 _-]{1,60}(?:, ?[a-z0-9 _-]{1,60}){0,9}$/i,
} as const;
export type VariableName = keyof typeof variablePatterns;
export const variableNames = Object.keys(variablePatterns) as VariableName[]; // the keys of the table above
export const colourPattern = colour;
/** An image inside the address, so that the page asks no other server for it. */
export const logoPattern = /^data:image\/(?:png|jpeg|webp|gif|svg\+xml);base64,[a-z0-9+/]+={0,2}$/i;
/** Characters of such an address; an image of about 48 KB. */
export const LOGO_MAX = 65_536;

export const defaultThemes = ['light', 'dark', 'system'] as const;
export type ThemeName = 'light' | 'dark';
type Variables = { [Name in VariableName]?: string | undefined };
export type Appearance = {
  theme: Record<ThemeName, { primary: string }>;
  defaultTheme: (typeof defaultThemes)[number];
  showWatermark: boolean;
  logo: string | null;
  variables: Record<ThemeName, Variables>;
};

export const defaultAppearance: Appearance = {
  theme: { light: { primary: '#0b6cb8' }, dark: { primary: '#6bb4f5' } },
  defaultTheme: 'system',
  showWatermark: false,
  logo: null,
  variables: { light: {}, dark: {} },
};
