import type { Body } from './http-app.ts';

/** A value of each parameter that has no list of them. */
const VALUES: Readonly<Record<string, string>> = {
  ref: 'shop/api',
  from: 'shop/web-00',
  to: 'shop/api',
  of: 'shop/api',
  target: 'shop/api',
  source: 'shop/web-00',
  selecting: 'shop/api',
  via: 'shop/svc/api',
  host: '0.example',
  port: 'tcp/8080',
  q: 'shop/web-00~shop/api~tcp/8080',
  exclude: 'shop/db-0',
  fields: 'verdict',
  cursor: 'nonsense',
  engine: '2',
  after: 's_x',
  cluster: 'prod',
};

const IN_PATH: Readonly<Record<string, string>> = {
  ref: 'prod',
  cluster: 'prod',
  id: 'none',
  kind: 'NetworkPolicy',
  namespace: 'shop',
  name: 'allow-web',
  code: 'NOT_ISOLATED',
};

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: { readonly enum?: readonly string[]; readonly type?: string };
}

/** Every GET route with every option by itself, as the server describes them; streams without an end excepted. */
export function readsOf(document: Body): string[] {
  const urls: string[] = [];
  for (const [path, operations] of Object.entries(document.paths)) {
    const operation = (operations as Body).get;
    if (operation === undefined || path.endsWith('/events')) continue;
    const parameters: readonly Parameter[] = operation.parameters ?? [];
    const place = path.replace(/\{(\w+)\}/g, (_all, name: string) => IN_PATH[name] ?? 'none');
    const query = parameters.filter((one) => one.in === 'query');
    const pair = (name: string, value: string): string => `${name}=${encodeURIComponent(value)}`;
    const base = query
      .filter(({ required }) => required === true)
      .map(({ name }) => pair(name, VALUES[name] ?? 'x'));
    urls.push([place, base.join('&')].join('?').replace(/\?$/, ''));
    for (const { name, required, schema } of query) {
      if (required === true) continue;
      const values =
        schema.enum ??
        (schema.type === 'boolean'
          ? ['true', 'false']
          : schema.type === 'integer'
            ? ['0', '1', '99999']
            : [VALUES[name] ?? 'x']);
      for (const value of values) urls.push(`${place}?${[...base, pair(name, value)].join('&')}`);
    }
  }
  return urls;
}
