import type { Reason } from '../../../model/answer.ts';
import type { NamespaceChunk } from '../../../model/snapshot.ts';
import type { ModelView } from '../../model-view.ts';

/**
 * Why what an object of the reader names in `namespace` is not known; undefined where it can be looked
 * up. It is the same whether there is such a thing or not.
 *
 * @param what `Gateway edge/main`, as the object names it
 */
export function outsideScope(view: ModelView, namespace: string, what: string): Reason | undefined {
  if (view.tells(namespace)) return undefined;
  return { code: 'HIDDEN', message: `${what} is outside of the namespaces that you may read` };
}

/** Any pod outside of the reader's namespaces may be the controller as well: why, where there are any. */
export function hiddenControllers({ tellsAll }: ModelView): readonly Reason[] {
  return tellsAll ? [] : HIDDEN_CONTROLLERS;
}

const HIDDEN_CONTROLLER: Reason = {
  code: 'HIDDEN',
  message: 'who passes this on may be outside of the namespaces that you may read',
};

const HIDDEN_CONTROLLERS = [HIDDEN_CONTROLLER];

/** Why there may be ways into `chunk` that are not listed; undefined where there are none. */
export function hiddenRoutes(
  view: ModelView,
  { name, waysIn }: NamespaceChunk,
): Reason | undefined {
  const from = (waysIn?.grants ?? []).flatMap((grant) => grant.from);
  if (from.every(({ namespace }) => view.tells(namespace))) return undefined;
  return {
    code: 'HIDDEN',
    message: `routes outside of the namespaces that you may read may lead to namespace ${name}`,
  };
}
