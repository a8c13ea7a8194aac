-- What accounts need beyond the first sign-in: compromised passwords, second factors that were imported, profile images,
-- what devices sessions run on, and tokens that refresh a session from the server of the application.

ALTER TABLE users ADD COLUMN password_compromised BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE users ADD COLUMN totp_sealed BLOB;
-- The step of the last code that was taken: none works twice.
ALTER TABLE users ADD COLUMN totp_last_step BIGINT;
-- Whom an application server looks for by address, proven or not: the unique index knows the proven ones only.
CREATE INDEX identifications_value ON identifications (instance_id, kind, value);

ALTER TABLE users ADD COLUMN mfa_enabled_at BIGINT;
ALTER TABLE users ADD COLUMN mfa_disabled_at BIGINT;
ALTER TABLE users ADD COLUMN bypass_client_trust BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE users ADD COLUMN backup_code_hashes TEXT NOT NULL DEFAULT '[]';
ALTER TABLE users ADD COLUMN profile_image_id TEXT;

-- Re-encoded by the server before they are kept. A picture belongs to a user until it is replaced.
CREATE TABLE images (
    instance_id TEXT NOT NULL REFERENCES instances (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    content_type TEXT NOT NULL,
    bytes BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (instance_id, id)
);

-- The code that was sent last to prove an identification, as JSON.
ALTER TABLE identifications ADD COLUMN challenge TEXT;

-- The browser and place a session was last used from, as JSON.
ALTER TABLE sessions ADD COLUMN latest_activity TEXT;

CREATE TABLE refresh_tokens (
    instance_id TEXT NOT NULL,
    token_hash BLOB NOT NULL,
    session_id TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    replaced_at BIGINT,
    PRIMARY KEY (instance_id, token_hash),
    FOREIGN KEY (instance_id, session_id) REFERENCES sessions (instance_id, id) ON DELETE CASCADE
);
CREATE INDEX refresh_tokens_expires_at ON refresh_tokens (instance_id, expires_at);
CREATE INDEX refresh_tokens_session ON refresh_tokens (instance_id, session_id);
