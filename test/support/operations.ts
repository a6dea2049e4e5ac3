import type { Body } from './http-app.ts';

/** A parameter of an operation, as an OpenAPI document describes it. */
export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly required?: boolean;
  readonly schema: ValueSchema;
}

interface ValueSchema {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: ValueSchema;
}

/** What a server says may be asked. */
export interface Operation {
  /** Method and path. */
  readonly name: string;
  /** In capitals. */
  readonly method: string;
  /** With `{name}` for each parameter in it. */
  readonly path: string;
  readonly parameters: readonly Parameter[];
  /** Described answers, by status or class of statuses. */
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Body }>> }>
  >;
}

/** The operations of an OpenAPI document. */
export function readOperations(document: Body): readonly Operation[] {
  return Object.entries<Record<string, Body>>(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], responses }]) => ({
      name: `${method} ${path}`,
      method: method.toUpperCase(),
      path,
      parameters,
      responses,
    })),
  );
}
