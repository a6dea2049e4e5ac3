/** What looks like a token of ours, or like a JSON Web Token. */
const CREDENTIALS = /pr_[0-9A-Za-z]{20,}|\beyJ[\w-]+\.[\w-]+\.[\w-]*/g;

/**
 * `text` without credentials, for every log: somebody will put one into a query string some day, where
 * it is never read but would be told.
 */
export function redactCredentials(text: string): string {
  return text.replace(CREDENTIALS, (found) => `${found.slice(0, 3)}…`);
}
