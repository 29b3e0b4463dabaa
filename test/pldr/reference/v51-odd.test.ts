import { conforms } from './conformance.ts';
import { openOracle } from './oracle.ts';

conforms(await openOracle('v51-odd'));
