/** Whether only this machine reaches what listens on `host`: a name or an address, never looked up. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){1,3}|::1|\[::1\])$/i.test(host);
}
