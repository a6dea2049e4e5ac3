-- What callers named their uploads, so that one that is sent again is the snapshot that it made or found the
-- first time, whatever was sent since. key_hash is SHA-256 in lower-case hexadecimal over who sent it and the
-- name, which is not kept. seq is the order of ingest. A key goes with its snapshot.
CREATE TABLE upload_keys (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  cluster_id INTEGER NOT NULL REFERENCES clusters (id) ON DELETE CASCADE,
  key_hash TEXT NOT NULL,
  snapshot_seq INTEGER NOT NULL REFERENCES snapshots (seq) ON DELETE CASCADE,
  UNIQUE (cluster_id, key_hash)
) STRICT;

CREATE INDEX upload_keys_by_snapshot ON upload_keys (snapshot_seq);
