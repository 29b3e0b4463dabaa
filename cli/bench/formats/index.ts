import type { BenchReport } from '../report.ts';
import { csvOf } from './csv.ts';
import { markdownOf } from './markdown.ts';
import { textOf } from './text.ts';

export type Format = 'text' | 'json' | 'csv' | 'md';

export function formatted(report: BenchReport, format: Format): string {
  switch (format) {
    case 'text': return textOf(report);
    case 'json': return `${JSON.stringify(report, null, 2)}\n`;
    case 'csv': return csvOf(report);
    case 'md': return markdownOf(report);
  }
}
