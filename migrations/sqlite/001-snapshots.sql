-- Snapshots of clusters as content-addressed chunks. Nothing is shared between clusters: equal
-- content in two clusters is stored twice, so that no cluster can learn of another's by its hashes.
-- Times are milliseconds since 1970-01-01 UTC; hashes are SHA-256 in lower-case hexadecimal.

CREATE TABLE clusters (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  last_seen_at INTEGER NOT NULL
) STRICT;

-- Immutable canonical bytes, deflated. The hash is of the bytes before deflating.
CREATE TABLE chunks (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  cluster_id INTEGER NOT NULL REFERENCES clusters (id) ON DELETE CASCADE,
  hash TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('cluster', 'namespace', 'provenance', 'problems')),
  size INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  UNIQUE (cluster_id, hash)
) STRICT;

-- seq is the order of ingest and is never used again. header is JSON: what is small and belongs to
-- this snapshot alone. row_hash covers all other columns but seq.
CREATE TABLE snapshots (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  cluster_id INTEGER NOT NULL REFERENCES clusters (id) ON DELETE CASCADE,
  digest TEXT NOT NULL,
  provenance_hash TEXT NOT NULL,
  taken_at INTEGER NOT NULL,
  ingested_at INTEGER NOT NULL,
  source TEXT NOT NULL,
  header TEXT NOT NULL,
  row_hash TEXT NOT NULL
) STRICT;

CREATE INDEX snapshots_by_time ON snapshots (cluster_id, taken_at, seq);

CREATE TABLE snapshot_chunks (
  snapshot_seq INTEGER NOT NULL REFERENCES snapshots (seq) ON DELETE CASCADE,
  chunk_id INTEGER NOT NULL REFERENCES chunks (id),
  PRIMARY KEY (snapshot_seq, chunk_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX snapshot_chunks_by_chunk ON snapshot_chunks (chunk_id);

-- What SQL can find in chunks. These rows repeat the chunk and are never the source of an answer.

CREATE TABLE namespaces (
  chunk_id INTEGER PRIMARY KEY REFERENCES chunks (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  known TEXT NOT NULL,
  pod_count INTEGER NOT NULL
) STRICT;

CREATE TABLE workloads (
  chunk_id INTEGER NOT NULL REFERENCES chunks (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  api_version TEXT NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (chunk_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE policies (
  chunk_id INTEGER NOT NULL REFERENCES chunks (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  api_version TEXT NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  tier TEXT NOT NULL,
  -- Why the effect of the policy is not known; null when it is.
  opaque_code TEXT,
  PRIMARY KEY (chunk_id, position)
) STRICT, WITHOUT ROWID;

-- Each label that some pod has.
CREATE TABLE pod_labels (
  chunk_id INTEGER NOT NULL REFERENCES chunks (id) ON DELETE CASCADE,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (chunk_id, key, value)
) STRICT, WITHOUT ROWID;

CREATE TABLE problems (
  chunk_id INTEGER NOT NULL REFERENCES chunks (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  severity TEXT NOT NULL,
  code TEXT NOT NULL,
  object TEXT NOT NULL,
  namespace TEXT,
  PRIMARY KEY (chunk_id, position)
) STRICT, WITHOUT ROWID;
