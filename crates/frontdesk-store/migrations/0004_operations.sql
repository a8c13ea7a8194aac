-- What running an instance takes: redirect URLs, who may sign up, who does the chores of several nodes, and the indexes
-- that clean up.

CREATE TABLE redirect_urls (
    instance_id TEXT NOT NULL REFERENCES instances (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    url TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (instance_id, id)
);
CREATE UNIQUE INDEX redirect_urls_url ON redirect_urls (instance_id, url);

-- Identifiers that may, or may not, sign up. `list` says which.
CREATE TABLE restricted_identifiers (
    instance_id TEXT NOT NULL REFERENCES instances (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    list TEXT NOT NULL,
    identifier TEXT NOT NULL,
    identifier_type TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (instance_id, id)
);
CREATE UNIQUE INDEX restricted_identifiers_identifier ON restricted_identifiers (instance_id, list, identifier);

-- One row for each chore; whoever holds it does the chore until the lease runs out.
CREATE TABLE leases (
    name TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);

-- Until when the longest-lived token that the key has signed is good, where that is longer than usual.
ALTER TABLE signing_keys ADD COLUMN tokens_until BIGINT;

CREATE INDEX sign_ins_abandon_at ON sign_ins (abandon_at);
CREATE INDEX sign_ups_abandon_at ON sign_ups (abandon_at);
CREATE INDEX sign_in_tokens_expires_at ON sign_in_tokens (expires_at);
CREATE INDEX testing_tokens_expires_at ON testing_tokens (expires_at);
