-- Mails on their way out, and the words that an instance has changed. A mail holds a code, so its words are sealed and
-- are gone once it was delivered or given up; its row stays a while, to be looked at, and goes at forget_at.

CREATE TABLE mails (
    instance_id TEXT NOT NULL REFERENCES instances (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    slug TEXT NOT NULL,
    sealed BLOB,
    status TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    next_attempt_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    forget_at BIGINT,
    last_error TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (instance_id, id)
);
CREATE INDEX mails_due ON mails (next_attempt_at, id) WHERE status = 'queued';
CREATE INDEX mails_forget_at ON mails (forget_at) WHERE forget_at IS NOT NULL;

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

-- What cleaning up looks for, in all instances at once.
CREATE INDEX handshake_payloads_over ON handshake_payloads (expires_at);
CREATE INDEX refresh_tokens_over ON refresh_tokens (expires_at);
CREATE INDEX dev_browsers_idle ON dev_browsers (created_at) WHERE client_id IS NULL;
CREATE INDEX sessions_ended ON sessions (updated_at) WHERE status NOT IN ('active', 'pending');
CREATE INDEX sessions_expire_at ON sessions (expire_at);
