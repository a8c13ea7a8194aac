-- Domains of an instance: the primary one, which every instance has, and satellites.

CREATE TABLE domains (
    instance_id TEXT NOT NULL REFERENCES instances (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    is_satellite BOOLEAN NOT NULL,
    -- Where its Frontend API is; nowhere of its own for satellites in development. Nobody else may have it: the host of a
    -- request says which instance is meant.
    key_host TEXT,
    proxy_url TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (instance_id, id)
);
CREATE UNIQUE INDEX domains_name ON domains (instance_id, name);
CREATE UNIQUE INDEX domains_key_host ON domains (key_host);

INSERT INTO domains (instance_id, id, name, is_satellite, key_host, proxy_url, created_at, updated_at, version)
SELECT id, 'dmn_' || substr(id, 5), CASE WHEN key_host LIKE 'clerk.%' THEN substr(key_host, 7) ELSE key_host END,
       FALSE, key_host, NULL, created_at, created_at, 1
  FROM instances;

-- A client as one browser holds it on a satellite.
CREATE TABLE client_links (
    instance_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    domain_id TEXT NOT NULL,
    token_hash BLOB NOT NULL,
    previous_token_hash BLOB NOT NULL,
    client_token_hash BLOB NOT NULL,
    linked_at BIGINT NOT NULL,
    PRIMARY KEY (instance_id, client_id, domain_id),
    FOREIGN KEY (instance_id, client_id) REFERENCES clients (instance_id, id) ON DELETE CASCADE,
    FOREIGN KEY (instance_id, domain_id) REFERENCES domains (instance_id, id) ON DELETE CASCADE
);
CREATE INDEX client_links_domain ON client_links (instance_id, domain_id);

-- On its way from the primary domain to a satellite, for a minute.
CREATE TABLE sync_tokens (
    instance_id TEXT NOT NULL,
    token_hash BLOB NOT NULL,
    domain_id TEXT NOT NULL,
    client_id TEXT,
    client_token_hash BLOB,
    nonce_hash BLOB NOT NULL,
    redirect_url TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (instance_id, token_hash),
    FOREIGN KEY (instance_id, domain_id) REFERENCES domains (instance_id, id) ON DELETE CASCADE
);
CREATE INDEX sync_tokens_domain ON sync_tokens (instance_id, domain_id);
CREATE INDEX sync_tokens_expires_at ON sync_tokens (expires_at);
