import type { Authenticator, Viewer } from '../../service/viewer.ts';
import type { Credited } from './credential.ts';

/** A connection whose credential is looked at again and again. */
interface Check extends Credited {
  readonly credential: string;
  readonly onLost: () => void;
  isRunning: boolean;
}

/**
 * Asks, every so often, whether the credentials of what stays open are still good. One that was revoked,
 * has expired or now allows something else is lost, and so is one of which that cannot be found out.
 */
export class CredentialChecks {
  readonly #authenticator: Authenticator | undefined;
  readonly #everyMs: number;
  readonly #checks = new Set<Check>();
  #timer: NodeJS.Timeout | undefined;

  constructor(authenticator: Authenticator | undefined, everyMs: number) {
    this.#authenticator = authenticator;
    this.#everyMs = everyMs;
  }

  /** @returns what ends it, to be called when the connection is closed */
  add({ credential, viewer }: Credited, onLost: () => void): () => void {
    if (credential === undefined || this.#authenticator === undefined) return () => undefined;
    const check = { credential, viewer, onLost, isRunning: false };
    this.#checks.add(check);
    this.#timer ??= this.#start(this.#authenticator);
    return () => {
      this.#checks.delete(check);
      if (0 < this.#checks.size) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }

  #start(authenticator: Authenticator): NodeJS.Timeout {
    const timer = setInterval(() => {
      for (const check of [...this.#checks]) {
        // Without an answer since the last time.
        if (check.isRunning) check.onLost();
        else void run(check, authenticator);
      }
    }, this.#everyMs);
    return timer.unref();
  }
}

async function run(check: Check, authenticator: Authenticator): Promise<void> {
  check.isRunning = true;
  if (await isStillGood(check, authenticator)) check.isRunning = false;
  else check.onLost();
}

async function isStillGood(
  { credential, viewer }: Check,
  authenticator: Authenticator,
): Promise<boolean> {
  try {
    const now = await authenticator.authenticate(credential);
    return now !== undefined && rightsOf(now) === rightsOf(viewer);
  } catch {
    return false;
  }
}

/** Two viewers may do the same if these are equal. */
function rightsOf({ name, scopes, clusters, namespaces }: Viewer): string {
  return JSON.stringify([name, [...scopes].sort(), clusters, namespaces]);
}
