/** Imported for its effect: from here on this process runs TypeScript, by tsx. */
import { register } from 'node:module';
import { register as registerTsx } from 'tsx/esm/api';

registerTsx();
register('./packages.mjs', import.meta.url);
