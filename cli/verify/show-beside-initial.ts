import type { BesideInitial } from '../../verify/index.ts';
import { showTable } from '../table.ts';

/** Numbers of a model beside those of the same model before any training, under what they are. */
export const showBesideInitial = ({ title, definition, columns, rows }: BesideInitial): string => [
  title,
  ...definition.map((line) => `  ${line}`),
  showTable([{ title: '' }, ...columns.map((name) => ({ title: name, right: true }))], rows).replace(/^/gm, '  '),
].join('\n');
