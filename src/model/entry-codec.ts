import { flag, integer, list, oneOf, optional, record, text } from './json-codec.ts';
import { textOrInteger, variant, wordOr } from './json-codec.ts';
import type { Codec } from './json-codec.ts';
import type { ControllerClass, Entry, EntryBackend, EntryParent, EntryRule } from './entry.ts';
import type { Gateway, Listener, ListenerNamespaces, NamespaceEntries } from './entry.ts';
import type { ReferenceGrant } from './entry.ts';
import type { ObjectRef } from './policy.ts';
import type { LabelSelector } from './selector.ts';

type Namespaces<Kind extends ListenerNamespaces['kind']> = Extract<
  ListenerNamespaces,
  { kind: Kind }
>;

const texts = list(text);

const backend = record<EntryBackend>({
  kind: text,
  namespace: text,
  name: text,
  port: optional(textOrInteger),
});

const parent = record<EntryParent>({
  kind: text,
  namespace: text,
  name: text,
  listener: optional(text),
  port: optional(integer),
});

const grant = record<ReferenceGrant>({
  name: text,
  from: list(record<ReferenceGrant['from'][number]>({ kind: text, namespace: text })),
  to: list(record<ReferenceGrant['to'][number]>({ kind: text, name: optional(text) })),
  doubtful: flag,
});

/** Classes of controllers as JSON values. */
export const controllerClasses: Codec<readonly ControllerClass[]> = list(
  record<ControllerClass>({
    kind: oneOf('IngressClass', 'GatewayClass'),
    name: text,
    controller: text,
    isDefault: flag,
    doubtful: flag,
  }),
);

/** What brings traffic into a namespace, as JSON values. */
export function namespaceEntriesCodec(
  objectRef: Codec<ObjectRef>,
  selector: Codec<LabelSelector>,
): Codec<NamespaceEntries> {
  const listener = record<Listener>({
    name: text,
    hostname: optional(text),
    port: integer,
    protocol: text,
    kinds: texts,
    namespaces: variant<ListenerNamespaces>({
      same: record<Namespaces<'same'>>({ kind: oneOf('same') }),
      every: record<Namespaces<'every'>>({ kind: oneOf('every') }),
      none: record<Namespaces<'none'>>({ kind: oneOf('none') }),
      selected: record<Namespaces<'selected'>>({ kind: oneOf('selected'), selector }),
    }),
  });
  return record<NamespaceEntries>({
    entries: list(
      record<Entry>({
        ref: objectRef,
        className: optional(text),
        parents: optional(list(parent)),
        tls: wordOr('every', texts),
        addresses: texts,
        rules: list(
          record<EntryRule>({
            pointer: text,
            hosts: texts,
            paths: texts,
            backends: list(backend),
          }),
        ),
        doubtful: flag,
      }),
    ),
    gateways: list(
      record<Gateway>({
        name: text,
        uid: optional(text),
        className: text,
        addresses: texts,
        accepted: flag,
        listeners: list(listener),
        doubtful: flag,
      }),
    ),
    grants: list(grant),
  });
}
