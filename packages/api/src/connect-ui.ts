/** The settings of the connect page as a schema: what a session answers, and what the dashboard may set. */
import * as z from 'zod';
import { colourPattern, defaultThemes, LOGO_MAX, logoPattern, type VariableName, variableNames, variablePatterns } from './appearance.ts';

const meanings: Record<VariableName, string> = {
  '--canvas': 'Colour behind the card.',
  '--panel': 'Colour of the card.',
  '--sunken': 'Colour of what lies deeper than the card, such as notes.',
  '--line': 'Colour of lines.',
  '--ink': 'Colour of text.',
  '--muted': 'Colour of text of less weight.',
  '--radius': 'How round cards and controls are, from `0px` to `32px`.',
  '--font': 'Names of fonts that are installed, separated by commas.',
};
const Colour = z.string().regex(colourPattern, 'Write the colour as #rgb or #rrggbb');
const Theme = z.strictObject({
  primary: Colour.describe('The colour of buttons and links, such as `#0b6cb8`. Text on it is black or white.'),
});
const Variables = z.strictObject(variableFields());

export const AppearanceSettings = z.strictObject({
  theme: z.strictObject({ light: Theme.describe('On light ground.'), dark: Theme.describe('On dark ground.') }).describe('The colours.'),
  defaultTheme: z.enum(defaultThemes).describe('`light`, `dark`, or `system` for what the browser prefers.'),
  showWatermark: z.boolean().describe('Whether the page names this product.'),
  logo: z
    .string()
    .max(LOGO_MAX)
    .regex(logoPattern, 'Give the image as data:image/…;base64,…')
    .nullable()
    .default(null)
    .describe('Your logo, shown above the card: PNG, JPEG, WebP, GIF or SVG as a data: URL, at most 64 KB. Null for none.'),
  variables: z
    .strictObject({ light: Variables.describe('On light ground.'), dark: Variables.describe('On dark ground.') })
    .default({ light: {}, dark: {} })
    .describe('CSS variables of the page that are set otherwise.'),
});

/** Written out for the type: one optional text for each name of the table. */
function variableFields() {
  const fields = variableNames.map((name) => [name, z.string().regex(variablePatterns[name]).optional().describe(meanings[name])] as const);
  return Object.fromEntries(fields) as Record<VariableName, z.ZodOptional<z.ZodString>>; // one entry for each name
}
