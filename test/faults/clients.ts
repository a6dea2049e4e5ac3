import { shop } from '../support/http-app.ts';

/**
 * How a request ended: `whole` with an answer, whatever it says; `refused` before one began; `cut` in
 * the middle of it.
 */
export type Outcome = 'whole' | 'refused' | 'cut';

/** Uploads to a cluster. @throws what the server says, unless it took it in */
export async function upload(
  url: string,
  cluster: string,
  body: string | undefined,
): Promise<{ readonly id: string }> {
  const response = await fetch(`${url}/api/v1/clusters/${cluster}/snapshots`, {
    method: 'POST',
    body: body ?? '',
  });
  const text = await response.text();
  if (response.status !== 200 && response.status !== 201) throw new Error(text);
  return JSON.parse(text) as { readonly id: string };
}

/** Asks `url` over and over, until nobody answers. */
export async function askUntilGone(url: string): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  while (outcomes.at(-1) !== 'refused') outcomes.push(await ask(url));
  return outcomes;
}

async function ask(url: string): Promise<Outcome> {
  let response: Response;
  try {
    response = await fetch(url);
  } catch {
    return 'refused';
  }
  try {
    JSON.parse(await response.text());
    return 'whole';
  } catch {
    return 'cut';
  }
}

/** Uploads snapshots, one after the other, until nobody answers. @returns those that were acknowledged */
export async function sendUntilGone(url: string, cluster: string): Promise<readonly string[]> {
  const ids: string[] = [];
  try {
    for (let pods = 1; ; pods += 1) ids.push((await upload(url, cluster, shop(pods))).id);
  } catch {
    return ids;
  }
}
