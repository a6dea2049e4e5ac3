import type { Reason } from '../../model/answer.ts';
import { namespaceAbout } from '../reason-subjects.ts';
import type { Scope } from './scope.ts';

/** Told with the code of a reason that names something the reader may not see. */
const UNTOLD = 'it is about something outside of the namespaces that you may read';

/** Reasons as the reader of `scope` is told them: the code, and what is missing, never whose. */
export class ToldReasons {
  readonly #scope: Scope;
  /** Equal reasons stay one object, as answers are compared by that. */
  readonly #known = new WeakMap<Reason, Reason>();

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  tell(reason: Reason): Reason {
    if (this.#scope.tells(namespaceAbout(reason))) return reason;
    const known = this.#known.get(reason) ?? withoutNames(reason);
    this.#known.set(reason, known);
    return known;
  }

  tellMaybe(reason: Reason | undefined): Reason | undefined {
    return reason === undefined ? undefined : this.tell(reason);
  }
}

function withoutNames({ code, missing }: Reason): Reason {
  if (missing === undefined) return { code, message: UNTOLD };
  const facts = missing.map(({ apiVersion, kind, status }) => ({ apiVersion, kind, status }));
  return { code, message: UNTOLD, missing: facts };
}
