import { posix } from 'node:path';

/**
 * `target`, a path of this server, as a link in an answer to `url`: relative, so that it is right under
 * any prefix that a proxy has taken away.
 *
 * @param url of the request, with or without a query
 */
export function linkFrom(url: string, target: string): string {
  const [path = '/'] = url.split('?', 1);
  const folder = path.slice(0, path.lastIndexOf('/') + 1) || '/';
  const link = posix.relative(folder, target) || '.';
  return target.endsWith('/') ? `${link}/` : link;
}
