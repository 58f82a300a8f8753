/** The colours of the kinds of functions, wherever they are listed. */
import type { FunctionSummary } from '@bowline/api/integrations';
import type { BadgeTone } from '../../ui/badge.tsx';

export const functionTones: Record<FunctionSummary['type'], BadgeTone> = { sync: 'accent', action: 'good', 'on-event': 'plain' };
