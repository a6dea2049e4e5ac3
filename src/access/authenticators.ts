import type { Authenticator } from '../service/viewer.ts';
import { TOKEN_PREFIX } from './token-format.ts';

/** The authenticators that are on. */
export interface Kinds {
  readonly tokens?: Authenticator;
  readonly jwt?: Authenticator;
}

/** One authenticator for several kinds of credentials, told apart by how they begin. */
export function authenticators({ tokens, jwt }: Kinds): Authenticator {
  return {
    authenticate: async (credential) => {
      const kind = credential.startsWith(TOKEN_PREFIX) ? tokens : jwt;
      return kind?.authenticate(credential);
    },
  };
}
