-- What the chunks of a cluster take, without reading them.
CREATE INDEX chunk_sizes ON chunks (cluster_id, length(bytes));
