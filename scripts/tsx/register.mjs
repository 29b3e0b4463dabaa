/** Imported for its effect: from here on this process runs TypeScript, by tsx. */
import { register } from 'tsx/esm/api';

register();
