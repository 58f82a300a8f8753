/** A strict content policy forbids `new Function`, which zod otherwise tries when a schema is made. So this comes before every schema. */
import * as z from 'zod';

z.config({ jitless: true });
