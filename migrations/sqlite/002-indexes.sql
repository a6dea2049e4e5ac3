-- Snapshots open without their chunks, and compiled indexes are kept beside them.

-- The namespace of chunks of the kinds `namespace` and `provenance` (there empty for objects in
-- none). A provenance chunk from before this table has no row and is read to learn its namespace.
CREATE TABLE chunk_namespaces (
  chunk_id INTEGER PRIMARY KEY REFERENCES chunks (id) ON DELETE CASCADE,
  namespace TEXT NOT NULL
) STRICT;

INSERT INTO chunk_namespaces (chunk_id, namespace) SELECT chunk_id, name FROM namespaces;

-- What a version of the engine, under certain options, compiled from a snapshot. Never the source of
-- truth: one that is missing or damaged is compiled anew. checksum is the SHA-256 of bytes.
CREATE TABLE indexes (
  snapshot_seq INTEGER NOT NULL REFERENCES snapshots (seq) ON DELETE CASCADE,
  engine TEXT NOT NULL,
  size INTEGER NOT NULL,
  checksum TEXT NOT NULL,
  bytes BLOB NOT NULL,
  UNIQUE (snapshot_seq, engine)
) STRICT;
