import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Files of a folder of their own that import the sources: programs as a user would paste them. */
export class Pasted {
  readonly #folder = mkdtempSync(join(tmpdir(), 'ricci-pasted-'));
  #files = 0;

  constructor() {
    writeFileSync(join(this.#folder, 'package.json'), '{ "type": "module" }\n');
  }

  /** How a file of the folder names a source file. */
  specifier(source: string): string {
    return relative(this.#folder, join(ROOT, source)).replaceAll('\\', '/');
  }

  write(text: string): string {
    const file = join(this.#folder, `program${this.#files++}.ts`);
    writeFileSync(file, text);
    return file;
  }

  /** What a file exports when it runs. */
  async run(file: string): Promise<Readonly<Record<string, unknown>>> {
    return import(/* @vite-ignore */ pathToFileURL(file).href);
  }

  /** What TypeScript finds wrong in files, under the project's own options. */
  problems(files: readonly string[]): readonly string[] {
    const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile);
    const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, ROOT);
    const typeRoots = [resolve(ROOT, 'node_modules/@types')];
    const program = ts.createProgram([...files], { ...options, types: [], typeRoots });
    return files.flatMap((file) => ts.getPreEmitDiagnostics(program, program.getSourceFile(file)).map((d) =>
      `${file.slice(dirname(file).length + 1)}: ${ts.flattenDiagnosticMessageText(d.messageText, '\n')}`));
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}
