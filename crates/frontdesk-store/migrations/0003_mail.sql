-- Mails on their way out, and the words that an instance has changed. A mail holds a code, so its words are sealed and
-- are gone once it was delivered or given up.

CREATE TABLE mails (
    instance_id TEXT NOT NULL REFERENCES instances (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    slug TEXT NOT NULL,
    sealed BLOB,
    status TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    next_attempt_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    last_error TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (instance_id, id)
);
CREATE INDEX mails_due ON mails (next_attempt_at, id) WHERE status = 'queued';

CREATE TABLE message_templates (
    instance_id TEXT NOT NULL REFERENCES instances (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    slug TEXT NOT NULL,
    content TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (instance_id, kind, slug)
);
