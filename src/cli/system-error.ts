/** The code of an error of the operating system or of Node, `ENOENT`; undefined when it has none. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !Object.hasOwn(error, 'code')) return undefined;
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' ? code : undefined;
}
