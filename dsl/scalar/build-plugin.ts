import type { Project } from 'ts-morph';
import { RicciError } from '../errors.ts';
import { insert, insertionMap } from './build/insertions.ts';
import type { Insertion, InsertionMap } from './build/insertions.ts';
import { createProject, isRicciScalar, morphSyntax, MorphResolver } from './build/morph-resolver.ts';
import { scalarCalls } from './source/find-call.ts';
import { nodeHost } from './source/host.ts';
import { labelOf } from './source/read.ts';
import { calleeName } from './translate/syntax.ts';
import { notTranslatable } from './translate/problem.ts';
import type { Problem } from './translate/problem.ts';
import { tryTranslate } from './translate/translate.ts';

export interface RicciScalarsOptions {
  /** A `tsconfig.json` whose `paths` and resolution settings the looked-up names need. */
  readonly tsconfig?: string;
}

/** The part of a bundler's plugin that is used here; rolldown, tsdown, Vite and Rollup take it as one of theirs. */
export interface RicciScalarsPlugin {
  readonly name: string;
  readonly enforce: 'pre';
  readonly transform: {
    readonly order: 'pre';
    readonly handler: (code: string, id: string) => { code: string; map: InsertionMap } | null;
  };
  readonly watchChange: (id: string) => void;
}

const SOURCE = /\.[cm]?[jt]sx?$/;

/**
 * A build plugin that translates scalar functions beforehand. `scalar(fn)` becomes `scalar(fn, {…}, 'name')` with the
 * function's expression, so that the built program needs neither its source nor TypeScript.
 *
 * The build ends with RicciError `scalar/not-translatable`, which lists every problem of a file, when a function holds
 * something that has no translation.
 */
export function ricciScalars(options: RicciScalarsOptions = {}): RicciScalarsPlugin {
  const project = createProject(options.tsconfig);
  return {
    name: 'ricci-scalars',
    enforce: 'pre',
    transform: {
      order: 'pre',
      handler: (code, id) => {
        const file = id.replace(/\?.*$/, '');
        const relevant = SOURCE.test(file) && !file.startsWith('\0') && !file.includes('/node_modules/');
        if (!relevant || !/\bscalar\b/.test(code)) return null;
        const insertions = translations(project, file, code);
        return insertions.length === 0
          ? null
          : { code: insert(code, insertions), map: insertionMap(code, file, insertions) };
      },
    },
    watchChange: (id) => {
      project.getSourceFile(id)?.refreshFromFileSystemSync();
    },
  };
}

function translations(project: Project, path: string, code: string): readonly Insertion[] {
  const host = nodeHost();
  if (host === undefined) throw notNode();
  const file = project.createSourceFile(path, code, { overwrite: true });
  const resolver = new MorphResolver(project, host);
  const problems: Problem[] = [];
  const insertions: Insertion[] = [];
  for (const call of scalarCalls(morphSyntax, file.compilerNode)) {
    const name = calleeName(morphSyntax, call);
    if (call.arguments.length > 1 || name === undefined || !isRicciScalar(file, name.getStart())) continue;
    const { expr, problems: found } = tryTranslate(call, morphSyntax, resolver);
    problems.push(...found);
    if (expr === undefined) continue;
    const label = JSON.stringify(labelOf(morphSyntax, call));
    insertions.push({ at: call.arguments[0].getEnd(), text: `, ${JSON.stringify(expr)}, ${label}` });
  }
  if (problems.length > 0) throw notTranslatable(problems);
  return insertions.toSorted((a, b) => a.at - b.at);
}

const notNode = (): RicciError => new RicciError({
  code: 'scalar/no-files',
  message: 'The plugin `ricciScalars()` found no file system: it runs in Node 20.16 or newer.',
});
