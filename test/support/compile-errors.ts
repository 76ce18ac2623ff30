import ts from 'typescript';

/**
 * Compiles each source as a separate file in the root of the repository, with its compiler options.
 * @returns messages of errors, by name of the source
 */
export function compileErrors(sources: Readonly<Record<string, string>>): Map<string, string[]> {
  const files = new Map(Object.values(sources).map((source, index) => [`checked-${index}.ts`, source]));
  const { config } = ts.readConfigFile('tsconfig.json', (path) => ts.sys.readFile(path)) as { config: object };
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, process.cwd());
  const overrides = { incremental: false, types: ['node'], noUnusedParameters: false };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  const textOf = (name: string) => files.get(name.split('/').at(-1) ?? '');
  host.fileExists = (name) => textOf(name) !== undefined || fileExists(name);
  host.getSourceFile = (name, version, ...rest) => {
    const text = textOf(name);
    return text === undefined ? getSourceFile(name, version, ...rest) : ts.createSourceFile(name, text, version);
  };
  const program = ts.createProgram([...files.keys()], { ...options, ...overrides }, host);
  const found = [...files.keys()].map((file) =>
    ts
      .getPreEmitDiagnostics(program, program.getSourceFile(file))
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')),
  );
  return new Map(Object.keys(sources).map((name, index) => [name, found[index] ?? []]));
}
