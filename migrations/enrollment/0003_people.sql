-- Patients as people of their own, who acts for them, how they are reached,
-- what they agreed to, and how a member becomes a patient.

-- +goose Up

-- Two spellings of one member number are equal: see people.foldNumber.
-- +goose StatementBegin
CREATE FUNCTION enrollment.fold_number(number text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT pg_catalog.upper(pg_catalog.regexp_replace(number, '[^A-Za-z0-9]', '', 'g') COLLATE "C")
$$;
-- +goose StatementEnd

-- What typed details are looked up by, and who else has an address.
CREATE INDEX members_by_folded_no ON enrollment.members (enrollment.fold_number(subscriber_no));
CREATE INDEX members_by_folded_own_no ON enrollment.members (enrollment.fold_number(own_no)) WHERE own_no IS NOT NULL;
CREATE INDEX members_by_email ON enrollment.members (lower(email)) WHERE email <> '';

-- Whether a member's e-mail address may be somebody else's as well, so that a
-- mail to it proves nothing: another adult has it on a roster. A subscriber has
-- the family's address; a dependent with the subscriber's has none of their
-- own. The same person on a second roster is not somebody else.
-- +goose StatementBegin
CREATE FUNCTION enrollment.email_shared(member uuid) RETURNS boolean
    LANGUAGE sql STABLE
AS $$
    SELECT EXISTS (
        SELECT FROM enrollment.members m
        JOIN enrollment.members o ON o.email <> '' AND lower(o.email) = lower(m.email) AND o.member_id <> m.member_id
        WHERE m.member_id = member
          AND o.birth_date <= (clock.now() - interval '18 years')::date
          AND NOT (o.birth_date = m.birth_date AND o.name_search = m.name_search)
          AND NOT (m.is_subscriber AND o.subscriber_member_id IS NOT DISTINCT FROM m.member_id)
    )
$$;
-- +goose StatementEnd

CREATE TABLE enrollment.patients (
    patient_id     uuid        NOT NULL PRIMARY KEY,
    given_name     text        NOT NULL CHECK (length(given_name) BETWEEN 1 AND 100),
    family_name    text        NOT NULL CHECK (length(family_name) BETWEEN 1 AND 100),
    birth_date     date        NOT NULL,
    language       text        NOT NULL CHECK (language IN ('en', 'es')),
    time_zone      text,
    -- Details that come from a roster follow its corrections.
    details_source text        NOT NULL CHECK (details_source IN ('roster', 'patient')),
    created_at     timestamptz NOT NULL DEFAULT clock.now(),
    updated_at     timestamptz NOT NULL DEFAULT clock.now()
);

-- members.patient_id says which members a patient is.
ALTER TABLE enrollment.members
    ADD CONSTRAINT members_patient FOREIGN KEY (patient_id) REFERENCES enrollment.patients;

-- Who may act for a patient, from and until which day (the last one).
CREATE TABLE enrollment.acts_for (
    acts_for_id uuid        NOT NULL PRIMARY KEY,
    account_id  uuid        NOT NULL,
    patient_id  uuid        NOT NULL REFERENCES enrollment.patients,
    relation    text        NOT NULL CHECK (relation IN ('self', 'guardian', 'caregiver')),
    from_date   date        NOT NULL,
    until_date  date,
    created_at  timestamptz NOT NULL DEFAULT clock.now(),
    CONSTRAINT acts_for_span CHECK (until_date IS NULL OR until_date >= from_date),
    -- A guardian's right ends on a day that is known when it begins.
    CONSTRAINT acts_for_guardian CHECK (relation <> 'guardian' OR until_date IS NOT NULL),
    -- One account is one person, and one person has one account.
    CONSTRAINT acts_for_one_self EXCLUDE USING gist
        (account_id WITH =, daterange(from_date, until_date, '[]') WITH &&) WHERE (relation = 'self'),
    CONSTRAINT acts_for_one_account EXCLUDE USING gist
        (patient_id WITH =, daterange(from_date, until_date, '[]') WITH &&) WHERE (relation = 'self'),
    CONSTRAINT acts_for_one_relation EXCLUDE USING gist
        (account_id WITH =, patient_id WITH =, daterange(from_date, until_date, '[]') WITH &&)
);
CREATE INDEX acts_for_by_account ON enrollment.acts_for (account_id);
CREATE INDEX acts_for_by_patient ON enrollment.acts_for (patient_id);

-- How a patient is reached: what rosters say, and what was proven or typed.
CREATE TABLE enrollment.contact_points (
    contact_id  uuid        NOT NULL PRIMARY KEY,
    patient_id  uuid        NOT NULL REFERENCES enrollment.patients,
    kind        text        NOT NULL CHECK (kind IN ('email', 'phone', 'address')),
    source      text        NOT NULL CHECK (source IN ('roster', 'patient')),
    -- The member whose roster says so.
    member_id   uuid        REFERENCES enrollment.members,
    -- For an address: its lines and city.
    value       text        NOT NULL CHECK (length(value) <= 500),
    state       text        NOT NULL DEFAULT '',
    zip         text        NOT NULL DEFAULT '',
    verified_at timestamptz,
    created_at  timestamptz NOT NULL DEFAULT clock.now(),
    CONSTRAINT contact_points_source CHECK ((source = 'roster') = (member_id IS NOT NULL)),
    -- What a roster says is believed, never proven by its saying.
    CONSTRAINT contact_points_verified CHECK (source = 'patient' OR verified_at IS NULL),
    CONSTRAINT contact_points_filled CHECK (value <> '' OR (kind = 'address' AND (state <> '' OR zip <> ''))),
    CONSTRAINT contact_points_place CHECK (kind = 'address' OR (state = '' AND zip = ''))
);
CREATE UNIQUE INDEX contact_points_roster ON enrollment.contact_points (member_id, kind) WHERE source = 'roster';
CREATE UNIQUE INDEX contact_points_patient ON enrollment.contact_points (patient_id, kind, lower(value)) WHERE source = 'patient';
CREATE INDEX contact_points_by_patient ON enrollment.contact_points (patient_id);

-- What was agreed to, in which words. Rows are only ever added.
CREATE TABLE enrollment.consents (
    consent_id    uuid        NOT NULL PRIMARY KEY,
    patient_id    uuid        NOT NULL REFERENCES enrollment.patients,
    kind          text        NOT NULL CHECK (kind ~ '^[a-z_]{2,40}$'),
    version       text        NOT NULL CHECK (version ~ '^[0-9]{4}-[0-9]{2}$'),
    language      text        NOT NULL CHECK (language IN ('en', 'es')),
    -- SHA-256 of the text that was agreed to.
    document_hash bytea       NOT NULL CHECK (octet_length(document_hash) = 32),
    account_id    uuid        NOT NULL,
    given_at      timestamptz NOT NULL DEFAULT clock.now()
);
CREATE INDEX consents_by_patient ON enrollment.consents (patient_id, kind, version, language, given_at DESC);

-- An invitation mail, or one that is about to leave.
CREATE TABLE enrollment.invitations (
    invitation_id uuid        NOT NULL PRIMARY KEY,
    member_id     uuid        NOT NULL REFERENCES enrollment.members,
    state         text        NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sent', 'accepted', 'expired', 'failed')),
    -- Only this is looked up; the token itself is sealed until it is sent.
    token_hash    bytea       NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    token_sealed  bytea,
    -- Where the link went: what accepting it proves.
    email         text        NOT NULL CHECK (email <> ''),
    language      text        NOT NULL CHECK (language IN ('en', 'es')),
    tries         smallint    NOT NULL DEFAULT 0 CHECK (tries BETWEEN 0 AND 5),
    created_at    timestamptz NOT NULL DEFAULT clock.now(),
    send_at       timestamptz NOT NULL,
    sent_at       timestamptz,
    accepted_at   timestamptz,
    expires_at    timestamptz NOT NULL,
    patient_id    uuid        REFERENCES enrollment.patients,
    account_id    uuid,
    CONSTRAINT invitations_span CHECK (expires_at > created_at AND expires_at <= send_at + interval '30 days'),
    -- The token is wiped by the statement that says it was sent.
    CONSTRAINT invitations_sealed CHECK ((token_sealed IS NOT NULL) = (state = 'queued')),
    CONSTRAINT invitations_sent CHECK (state <> 'sent' OR sent_at IS NOT NULL),
    CONSTRAINT invitations_accepted CHECK ((state = 'accepted') = (accepted_at IS NOT NULL)
        AND (state = 'accepted') = (patient_id IS NOT NULL) AND (state = 'accepted') = (account_id IS NOT NULL))
);
-- One that is open at a time: asking twice sends once.
CREATE UNIQUE INDEX invitations_one_open ON enrollment.invitations (member_id) WHERE state IN ('queued', 'sent');
CREATE INDEX invitations_by_member ON enrollment.invitations (member_id);
CREATE INDEX invitations_by_send ON enrollment.invitations (send_at) WHERE state = 'queued';
CREATE INDEX invitations_by_end ON enrollment.invitations (expires_at) WHERE state IN ('queued', 'sent');

-- An activation by typed details. Every attempt makes a row of the same shape,
-- whether it found somebody or not.
CREATE TABLE enrollment.activations (
    activation_id uuid        NOT NULL PRIMARY KEY,
    reference     text        NOT NULL UNIQUE,
    state         text        NOT NULL DEFAULT 'started' CHECK (state IN ('started', 'code_sent', 'confirmed', 'to_staff', 'expired')),
    -- Set only where exactly one member fits.
    member_id     uuid        REFERENCES enrollment.members,
    -- The roster's address: where the code goes, and what it proves.
    email         text        NOT NULL DEFAULT '',
    -- Keyed hash of the number that was typed.
    number_hash   bytea       NOT NULL CHECK (octet_length(number_hash) = 32),
    -- Without a member it is of a code that nobody was told.
    code_hash     bytea       NOT NULL CHECK (octet_length(code_hash) = 32),
    tries         smallint    NOT NULL DEFAULT 0 CHECK (tries BETWEEN 0 AND 5),
    language      text        NOT NULL CHECK (language IN ('en', 'es')),
    created_at    timestamptz NOT NULL DEFAULT clock.now(),
    expires_at    timestamptz NOT NULL,
    proven_at     timestamptz,
    confirmed_at  timestamptz,
    patient_id    uuid        REFERENCES enrollment.patients,
    account_id    uuid,
    CONSTRAINT activations_short CHECK (expires_at > created_at AND expires_at <= created_at + interval '15 minutes'),
    CONSTRAINT activations_code CHECK (state IN ('to_staff', 'expired') OR (member_id IS NOT NULL AND email <> '')),
    CONSTRAINT activations_confirmed CHECK ((state = 'confirmed') = (confirmed_at IS NOT NULL)
        AND (state = 'confirmed') = (patient_id IS NOT NULL) AND (state = 'confirmed') = (account_id IS NOT NULL)
        AND (state <> 'confirmed' OR proven_at IS NOT NULL))
);
CREATE INDEX activations_by_end ON enrollment.activations (expires_at) WHERE state IN ('started', 'code_sent');

-- What staff must look at, with the reference that the caller quotes.
CREATE TABLE enrollment.activation_cases (
    case_id       uuid        NOT NULL PRIMARY KEY,
    reference     text        NOT NULL UNIQUE,
    reason        text        NOT NULL CHECK (reason IN
        ('no_match', 'several', 'minor', 'no_email', 'shared_email', 'already_active', 'account_taken', 'details_differ')),
    activation_id uuid        UNIQUE REFERENCES enrollment.activations,
    invitation_id uuid        REFERENCES enrollment.invitations,
    -- The one member in question, where there is one.
    member_id     uuid        REFERENCES enrollment.members,
    at            timestamptz NOT NULL DEFAULT clock.now(),
    closed_at     timestamptz
);
-- The same link for the same reason is the same case.
CREATE UNIQUE INDEX activation_cases_by_invitation ON enrollment.activation_cases (invitation_id, reason) WHERE invitation_id IS NOT NULL;
CREATE UNIQUE INDEX activation_cases_details ON enrollment.activation_cases (member_id) WHERE reason = 'details_differ' AND closed_at IS NULL;
CREATE INDEX activation_cases_open ON enrollment.activation_cases (at DESC, case_id) WHERE closed_at IS NULL;
