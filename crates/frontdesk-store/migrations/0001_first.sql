-- The first schema. One text for both engines: TEXT, BIGINT (times are Unix milliseconds), BOOLEAN, BLOB, and JSON as
-- TEXT; see src/dialect.rs for what is translated. Every row of an instance carries its id, first in every key.

CREATE TABLE meta (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE instances (
    id TEXT NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL,
    kind TEXT NOT NULL,
    key_host TEXT NOT NULL,
    settings TEXT NOT NULL,
    has_test_keys BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL
);
CREATE UNIQUE INDEX instances_slug ON instances (slug);
CREATE UNIQUE INDEX instances_key_host ON instances (key_host);

CREATE TABLE secret_keys (
    hash BLOB NOT NULL PRIMARY KEY,
    instance_id TEXT NOT NULL REFERENCES instances (id) ON DELETE CASCADE,
    sealed BLOB NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX secret_keys_instance ON secret_keys (instance_id);

CREATE TABLE signing_keys (
    instance_id TEXT NOT NULL REFERENCES instances (id) ON DELETE CASCADE,
    kid TEXT NOT NULL,
    sealed BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    retires_at BIGINT,
    PRIMARY KEY (instance_id, kid)
);

CREATE TABLE users (
    instance_id TEXT NOT NULL REFERENCES instances (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    external_id TEXT,
    first_name TEXT,
    last_name TEXT,
    locale TEXT,
    primary_email_address_id TEXT,
    primary_phone_number_id TEXT,
    primary_web3_wallet_id TEXT,
    password_digest TEXT,
    password_updated_at BIGINT,
    public_metadata TEXT NOT NULL,
    private_metadata TEXT NOT NULL,
    unsafe_metadata TEXT NOT NULL,
    banned BOOLEAN NOT NULL,
    locked_until BIGINT,
    failed_attempts BIGINT NOT NULL,
    last_sign_in_at BIGINT,
    last_active_at BIGINT,
    legal_accepted_at BIGINT,
    delete_self_enabled BOOLEAN NOT NULL,
    create_organization_enabled BOOLEAN NOT NULL,
    create_organizations_limit BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    -- First and last name in lower case, for partial matches.
    name_search TEXT NOT NULL,
    -- The id in lower case, for partial matches.
    id_search TEXT NOT NULL,
    PRIMARY KEY (instance_id, id)
);
CREATE UNIQUE INDEX users_external_id ON users (instance_id, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX users_created_at ON users (instance_id, created_at, id);

-- What identifies a person, of every kind (decision 2). A row is claimed once nobody else may have its value.
CREATE TABLE identifications (
    instance_id TEXT NOT NULL,
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    claimed BOOLEAN NOT NULL,
    verification TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (instance_id, id),
    FOREIGN KEY (instance_id, user_id) REFERENCES users (instance_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX identifications_claimed ON identifications (instance_id, kind, value) WHERE claimed;
CREATE INDEX identifications_user ON identifications (instance_id, user_id, created_at, id);

-- What a phone number has beside its identification.
CREATE TABLE phones (
    instance_id TEXT NOT NULL,
    identification_id TEXT NOT NULL,
    reserved_for_second_factor BOOLEAN NOT NULL,
    default_second_factor BOOLEAN NOT NULL,
    backup_codes TEXT,
    PRIMARY KEY (instance_id, identification_id),
    FOREIGN KEY (instance_id, identification_id) REFERENCES identifications (instance_id, id) ON DELETE CASCADE
);

-- What an account at another provider has beside its identification.
CREATE TABLE external_accounts (
    instance_id TEXT NOT NULL,
    id TEXT NOT NULL,
    identification_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    provider TEXT NOT NULL,
    provider_user_id TEXT NOT NULL,
    approved_scopes TEXT NOT NULL,
    email_address TEXT,
    first_name TEXT,
    last_name TEXT,
    username TEXT,
    avatar_url TEXT,
    label TEXT,
    public_metadata TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (instance_id, id),
    FOREIGN KEY (instance_id, identification_id) REFERENCES identifications (instance_id, id) ON DELETE CASCADE
);
CREATE INDEX external_accounts_provider ON external_accounts (instance_id, provider, provider_user_id);
CREATE INDEX external_accounts_user ON external_accounts (instance_id, user_id);

CREATE TABLE clients (
    instance_id TEXT NOT NULL REFERENCES instances (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    token_hash BLOB NOT NULL,
    previous_token_hash BLOB NOT NULL,
    rotated_at BIGINT NOT NULL,
    sign_in_id TEXT,
    sign_up_id TEXT,
    last_active_session_id TEXT,
    last_authentication_strategy TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (instance_id, id)
);
CREATE INDEX clients_created_at ON clients (instance_id, created_at, id);

-- A session outlives its client as a record of what happened, but not its user.
CREATE TABLE sessions (
    instance_id TEXT NOT NULL,
    id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    status TEXT NOT NULL,
    expire_at BIGINT NOT NULL,
    abandon_at BIGINT NOT NULL,
    last_active_at BIGINT NOT NULL,
    last_active_organization_id TEXT,
    actor TEXT,
    first_factor_at BIGINT,
    second_factor_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (instance_id, id),
    FOREIGN KEY (instance_id, user_id) REFERENCES users (instance_id, id) ON DELETE CASCADE
);
CREATE INDEX sessions_client ON sessions (instance_id, client_id, created_at, id);
CREATE INDEX sessions_user ON sessions (instance_id, user_id, created_at, id);

CREATE TABLE sign_ins (
    instance_id TEXT NOT NULL REFERENCES instances (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    state TEXT NOT NULL,
    abandon_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (instance_id, id)
);

CREATE TABLE sign_ups (
    instance_id TEXT NOT NULL REFERENCES instances (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    state TEXT NOT NULL,
    abandon_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (instance_id, id)
);

CREATE TABLE sign_in_tokens (
    instance_id TEXT NOT NULL,
    id TEXT NOT NULL,
    token_hash BLOB NOT NULL,
    user_id TEXT NOT NULL,
    status TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (instance_id, id),
    FOREIGN KEY (instance_id, user_id) REFERENCES users (instance_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX sign_in_tokens_hash ON sign_in_tokens (instance_id, token_hash);
CREATE INDEX sign_in_tokens_user ON sign_in_tokens (instance_id, user_id);

CREATE TABLE testing_tokens (
    instance_id TEXT NOT NULL REFERENCES instances (id) ON DELETE CASCADE,
    token_hash BLOB NOT NULL,
    expires_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (instance_id, token_hash)
);

CREATE TABLE jwt_templates (
    instance_id TEXT NOT NULL REFERENCES instances (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    claims TEXT NOT NULL,
    lifetime BIGINT NOT NULL,
    allowed_clock_skew BIGINT NOT NULL,
    signing_algorithm TEXT NOT NULL,
    sealed_signing_key BLOB,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (instance_id, id)
);
CREATE UNIQUE INDEX jwt_templates_name ON jwt_templates (instance_id, name);

CREATE TABLE dev_browsers (
    instance_id TEXT NOT NULL REFERENCES instances (id) ON DELETE CASCADE,
    token_hash BLOB NOT NULL,
    client_id TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (instance_id, token_hash)
);

CREATE TABLE handshake_payloads (
    instance_id TEXT NOT NULL REFERENCES instances (id) ON DELETE CASCADE,
    nonce_hash BLOB NOT NULL,
    sealed BLOB NOT NULL,
    expires_at BIGINT NOT NULL,
    fetched_at BIGINT,
    PRIMARY KEY (instance_id, nonce_hash)
);
CREATE INDEX handshake_payloads_expires_at ON handshake_payloads (instance_id, expires_at);

CREATE TABLE organizations (
    instance_id TEXT NOT NULL REFERENCES instances (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    slug TEXT,
    public_metadata TEXT NOT NULL,
    private_metadata TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (instance_id, id)
);
CREATE UNIQUE INDEX organizations_slug ON organizations (instance_id, slug) WHERE slug IS NOT NULL;

-- A role by its key, with the keys of its custom permissions as a JSON array: tokens read them on every mint.
CREATE TABLE roles (
    instance_id TEXT NOT NULL REFERENCES instances (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    permissions TEXT NOT NULL,
    PRIMARY KEY (instance_id, key)
);

CREATE TABLE memberships (
    instance_id TEXT NOT NULL,
    id TEXT NOT NULL,
    organization_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    role TEXT NOT NULL,
    public_metadata TEXT NOT NULL,
    private_metadata TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (instance_id, id),
    FOREIGN KEY (instance_id, organization_id) REFERENCES organizations (instance_id, id) ON DELETE CASCADE,
    FOREIGN KEY (instance_id, user_id) REFERENCES users (instance_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX memberships_member ON memberships (instance_id, organization_id, user_id);
CREATE INDEX memberships_user ON memberships (instance_id, user_id, created_at, id);

-- Every change, in the order of writing (decision 4).
CREATE TABLE events (
    sequence SEQUENCE_KEY,
    instance_id TEXT NOT NULL REFERENCES instances (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    payload BLOB NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX events_instance ON events (instance_id, sequence);
