import type { IncomingMessage } from 'node:http';
import { PodreachError } from '../model/errors.ts';
import type { RequestCheck } from './guard.ts';

/**
 * The target of a request as a path. A whole URL, as a proxy is sent, stands for its path when it is of
 * the host that `Host` names; anything else stays as it is, for {@link targetCheck}.
 */
export function pathOfTarget({ url = '/', headers: { host = '' } }: IncomingMessage): string {
  if (url.startsWith('/')) return url;
  const start = `http://${host}`.toLowerCase();
  const [own, rest] = [url.slice(0, start.length), url.slice(start.length)];
  if (own.toLowerCase() !== start || !/^([/?]|$)/.test(rest)) return url;
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/**
 * Refuses requests that say in two ways for whom they are: another host in the target than in `Host`, or
 * `Host` twice. What stands before this server may have looked at the other one.
 *
 * Passes on `bad-query`.
 */
export const targetCheck: RequestCheck = ({ url, raw: { rawHeaders } }, _reply, done) => {
  if (!url.startsWith('/')) {
    done(new PodreachError('bad-query', 'the target of the request is no path of this host'));
  } else if (1 < rawHeaders.filter(isHostName).length) {
    done(new PodreachError('bad-query', 'the request names two hosts'));
  } else {
    done();
  }
};

/** Names and values take turns. */
function isHostName(text: string, i: number): boolean {
  return i % 2 === 0 && text.length === 4 && text.toLowerCase() === 'host';
}
