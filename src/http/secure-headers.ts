import { PodreachError } from '../model/errors.ts';
import type { RequestCheck } from './guard.ts';

/** What browsers are told about framing and transport. */
export interface HeaderOptions {
  /** Origins, or `self`, whose pages may show ours in a frame. Default: none. */
  readonly frameAncestors?: readonly string[];
  /** How long browsers are to come by HTTPS only. Default: not said, since TLS ends elsewhere. */
  readonly hstsMaxAgeMs?: number;
}

/**
 * Sets the headers of every response, those for a URL that cannot be routed included: no hook of a plugin
 * runs for these, which is why this is none. They are what helmet sets, as strict as an API can have
 * them; nothing here is a page, a script or a frame, and the pages there are have
 * {@link pagePolicy}.
 */
export function secureHeaders(options: HeaderOptions): RequestCheck {
  const { hstsMaxAgeMs } = options;
  const headers = {
    'content-security-policy': `default-src 'none'; ${framing(options)}`,
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'origin-agent-cluster': '?1',
    'permissions-policy':
      'accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-dns-prefetch-control': 'off',
    'x-download-options': 'noopen',
    'x-permitted-cross-domain-policies': 'none',
    'x-xss-protection': '0',
    // It knows no list: with one, browsers that are too old for the policy above are let in.
    ...(isFramed(options) ? {} : { 'x-frame-options': 'DENY' }),
    // Not for subdomains: under a shared name they belong to others.
    ...(hstsMaxAgeMs === undefined
      ? {}
      : { 'strict-transport-security': `max-age=${Math.floor(hstsMaxAgeMs / 1000)}` }),
  };
  return (request, reply, done) => {
    void reply.headers(headers).header('x-request-id', request.id);
    done();
  };
}

/** The content security policy of a page that runs our own scripts, and nothing else. */
export function pagePolicy(options: HeaderOptions): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    // The style sheet of the viewer has its icons in it.
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    framing(options),
  ].join('; ');
}

function isFramed({ frameAncestors = [] }: HeaderOptions): boolean {
  return 0 < frameAncestors.length;
}

/** @throws `bad-query` for what is no source of the policy: it could add to it */
function framing({ frameAncestors = [] }: HeaderOptions): string {
  const sources = frameAncestors.map((one) => {
    if (one === 'self') return "'self'";
    if (/^https?:\/\/(\*\.)?[\w.-]+(:(\d+|\*))?$/.test(one)) return one;
    const message = `\`${one}\` is no origin that could show a page; write https://portal.example`;
    throw new PodreachError('bad-query', message, { parameter: 'frameAncestors' });
  });
  return `frame-ancestors ${sources.length === 0 ? "'none'" : sources.join(' ')}`;
}
