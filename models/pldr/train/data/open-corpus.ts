import type { TrainConfig } from '../config/schema.ts';
import type { HashedTokenizer } from './hashed-tokenizer.ts';
import { openTokenFile } from './token-file.ts';
import type { TokenFile } from './token-file.ts';
import { tokenFileOf } from './tokenise.ts';
import type { TokeniseProgress } from './tokenise.ts';

/**
 * The tokens that a configuration names: its token file alone, where it names no texts; else that of its texts.
 * @param made where the token file goes when the configuration says nothing
 * @throws RicciError as `openTokenFile` and `tokenFileOf`; `data/no-files` when neither is named
 */
export async function openCorpus(
  data: TrainConfig['data'],
  tokenizer: HashedTokenizer,
  made: string,
  onProgress?: (progress: TokeniseProgress) => void,
): Promise<TokenFile> {
  const given = data.paths.length === 0 ? data.tokens : null;
  if (given !== null) return openTokenFile(given, { hash: tokenizer.hash, name: tokenizer.path });
  return tokenFileOf(data, tokenizer, data.tokens ?? made, onProgress);
}
