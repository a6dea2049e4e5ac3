-- Named tokens. Never the token: hash is its SHA-256 in lower-case hexadecimal. scopes, clusters and
-- namespaces are JSON lists of texts; null is every cluster, every namespace. Times are milliseconds
-- since 1970-01-01 UTC; null is never. row_hash covers all other columns.
CREATE TABLE tokens (
  name TEXT NOT NULL PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,
  scopes TEXT NOT NULL,
  clusters TEXT,
  namespaces TEXT,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  revoked_at INTEGER,
  row_hash TEXT NOT NULL
) STRICT;
