import type { KubeObject } from '../kube-object.ts';
import { sorted } from './sorted.ts';

/** A `List` as `kubectl get -o json` prints it: sorted keys, four blanks of indentation. */
export function* prettyList(objects: Iterable<KubeObject>): Generator<string> {
  yield '{\n    "apiVersion": "v1",\n    "items": [\n';
  let separator = '        ';
  for (const object of objects) {
    const text = escaped(JSON.stringify(sorted(object), undefined, 4));
    yield `${separator}${text.replaceAll('\n', '\n        ')}`;
    separator = ',\n        ';
  }
  yield '\n    ],\n    "kind": "List",\n    "metadata": {\n        "resourceVersion": ""\n    }\n}\n';
}

/**
 * A list as an API server sends it: one line, fields in the order of its structs, and items that do
 * not say what they are. Nothing at all when there are no objects.
 */
export function* rawList(objects: Iterable<KubeObject>): Generator<string> {
  let isFirst = true;
  for (const { apiVersion, kind, ...rest } of objects) {
    if (isFirst) {
      const head = { kind: `${kind}List`, apiVersion, metadata: { resourceVersion: '91000001' } };
      yield `${JSON.stringify(head).slice(0, -1)},"items":[`;
    }
    yield `${isFirst ? '' : ','}${escaped(JSON.stringify(rest))}`;
    isFirst = false;
  }
  if (!isFirst) yield ']}\n';
}

const ESCAPES: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
};

/** Go escapes what could be HTML. */
function escaped(json: string): string {
  return json.replace(/[<>&]/g, (character) => ESCAPES[character] ?? character);
}
