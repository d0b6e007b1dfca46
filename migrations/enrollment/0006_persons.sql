-- Patients who may be one human, and their merges; invitations in waves;
-- addresses that mail does not reach; letters with a code.

-- +goose Up

-- One human who became two patients. Nothing is rewritten: the row says that
-- both are one, and undoing it says that they are not.
CREATE TABLE enrollment.patient_merges (
    merge_id    uuid        NOT NULL PRIMARY KEY,
    -- Who goes on, and who is shown as the survivor from now on.
    survivor_id uuid        NOT NULL REFERENCES enrollment.patients,
    absorbed_id uuid        NOT NULL REFERENCES enrollment.patients,
    merged_by   uuid        NOT NULL,
    merged_at   timestamptz NOT NULL DEFAULT clock.now(),
    undone_by   uuid,
    undone_at   timestamptz,
    CONSTRAINT patient_merges_two CHECK (survivor_id <> absorbed_id),
    CONSTRAINT patient_merges_undone CHECK ((undone_at IS NULL) = (undone_by IS NULL))
);
CREATE UNIQUE INDEX patient_merges_once ON enrollment.patient_merges (absorbed_id) WHERE undone_at IS NULL;
CREATE INDEX patient_merges_by_survivor ON enrollment.patient_merges (survivor_id) WHERE undone_at IS NULL;

-- A patient and everybody who is the same human. A survivor is never absorbed
-- itself (merging refuses that), so one step in each direction is all.
-- +goose StatementBegin
CREATE FUNCTION enrollment.same_person(patient uuid) RETURNS SETOF uuid
    LANGUAGE sql STABLE
AS $$
    SELECT patient
    UNION SELECT m.survivor_id FROM enrollment.patient_merges m WHERE m.absorbed_id = patient AND m.undone_at IS NULL
    UNION SELECT m.absorbed_id FROM enrollment.patient_merges m WHERE m.survivor_id = patient AND m.undone_at IS NULL
    UNION SELECT o.absorbed_id FROM enrollment.patient_merges m
          JOIN enrollment.patient_merges o ON o.survivor_id = m.survivor_id AND o.undone_at IS NULL
          WHERE m.absorbed_id = patient AND m.undone_at IS NULL
$$;
-- +goose StatementEnd

-- The patient who goes on for this one: itself unless it was absorbed.
-- +goose StatementBegin
CREATE FUNCTION enrollment.survivor_of(patient uuid) RETURNS uuid
    LANGUAGE sql STABLE
AS $$
    SELECT coalesce((SELECT m.survivor_id FROM enrollment.patient_merges m
                     WHERE m.absorbed_id = patient AND m.undone_at IS NULL), patient)
$$;
-- +goose StatementEnd

-- Rights that a merge took out of acts_for, whole, so that undoing it brings
-- back exactly what was.
CREATE TABLE enrollment.suspended_rights (
    merge_id    uuid  NOT NULL REFERENCES enrollment.patient_merges,
    acts_for_id uuid  NOT NULL,
    was         jsonb NOT NULL,
    PRIMARY KEY (merge_id, acts_for_id)
);
-- +goose StatementBegin
CREATE FUNCTION enrollment.suspend_self(merge uuid, patients uuid[], today date) RETURNS integer
    LANGUAGE sql
AS $$
    WITH gone AS (
        DELETE FROM enrollment.acts_for a
        WHERE a.patient_id = ANY (patients) AND a.relation = 'self' AND (a.until_date IS NULL OR a.until_date >= today)
        RETURNING a.*
    ), kept AS (
        INSERT INTO enrollment.suspended_rights (merge_id, acts_for_id, was)
        SELECT merge, g.acts_for_id, to_jsonb(g) FROM gone g
        RETURNING 1
    )
    SELECT count(*)::integer FROM kept
$$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION enrollment.restore_rights(merge uuid) RETURNS integer
    LANGUAGE sql
AS $$
    WITH back AS (
        INSERT INTO enrollment.acts_for
        SELECT (jsonb_populate_record(NULL::enrollment.acts_for, s.was)).*
        FROM enrollment.suspended_rights s WHERE s.merge_id = merge
        RETURNING 1
    )
    SELECT count(*)::integer FROM back
$$;
-- +goose StatementEnd

-- Patients who appeared or changed since duplicates were last looked for. No
-- foreign keys on these three tables: their row locks would meet those of
-- whoever publishes a patient, in the other order.
CREATE TABLE enrollment.duplicate_queue (
    patient_id uuid        NOT NULL PRIMARY KEY,
    since      timestamptz NOT NULL DEFAULT clock.now()
);
INSERT INTO enrollment.duplicate_queue (patient_id) SELECT patient_id FROM enrollment.patients;

-- What two patients must share to be looked at: keyed hashes only.
CREATE TABLE enrollment.duplicate_keys (
    patient_id uuid  NOT NULL,
    kind       text  NOT NULL CHECK (kind IN ('name', 'email', 'phone', 'ssn')),
    key        bytea NOT NULL CHECK (octet_length(key) = 32),
    PRIMARY KEY (patient_id, kind, key)
);
CREATE INDEX duplicate_keys_by_key ON enrollment.duplicate_keys (kind, key);

-- A pair that staff look at once: what they decided stays.
CREATE TABLE enrollment.duplicate_candidates (
    candidate_id uuid        NOT NULL PRIMARY KEY,
    first_id     uuid        NOT NULL,
    second_id    uuid        NOT NULL,
    -- name: same name and birth date; email, phone: the same with the same
    -- birth date; ssn: the same number.
    why          text[]      NOT NULL CHECK (cardinality(why) > 0 AND why <@ '{name,email,phone,ssn}'),
    state        text        NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'merged', 'not_duplicates')),
    merge_id     uuid,
    found_at     timestamptz NOT NULL DEFAULT clock.now(),
    decided_by   uuid,
    decided_at   timestamptz,
    CONSTRAINT duplicate_candidates_order CHECK (first_id < second_id),
    CONSTRAINT duplicate_candidates_pair UNIQUE (first_id, second_id),
    CONSTRAINT duplicate_candidates_decided CHECK ((state = 'open') = (decided_at IS NULL) AND (state = 'open') = (decided_by IS NULL)),
    CONSTRAINT duplicate_candidates_merged CHECK ((state = 'merged') = (merge_id IS NOT NULL))
);
CREATE INDEX duplicate_candidates_newest ON enrollment.duplicate_candidates (state, candidate_id DESC);

-- Invitations that staff send in waves, at a pace.
CREATE TABLE enrollment.invitation_waves (
    wave_id    uuid        NOT NULL PRIMARY KEY,
    payer_id   uuid        NOT NULL REFERENCES enrollment.payers,
    -- new: who was never invited. again: who was, and did not answer.
    audience   text        NOT NULL CHECK (audience IN ('new', 'again')),
    -- At most so many mails; null for everybody.
    most       integer     CHECK (most > 0),
    per_minute integer     NOT NULL CHECK (per_minute BETWEEN 1 AND 300),
    starts_at  timestamptz NOT NULL,
    state      text        NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'paused', 'stopped', 'done')),
    considered bigint      NOT NULL DEFAULT 0 CHECK (considered >= 0),
    queued     bigint      NOT NULL DEFAULT 0 CHECK (queued BETWEEN 0 AND considered),
    -- When the next mail may be queued: it is here, so that neither a second
    -- process nor a restart sends faster.
    next_at    timestamptz NOT NULL,
    account_id uuid        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock.now(),
    ended_at   timestamptz,
    CONSTRAINT invitation_waves_ended CHECK ((state IN ('stopped', 'done')) = (ended_at IS NOT NULL))
);
-- One at a time for a payer.
CREATE UNIQUE INDEX invitation_waves_open ON enrollment.invitation_waves (payer_id) WHERE state IN ('running', 'paused');
CREATE INDEX invitation_waves_due ON enrollment.invitation_waves (next_at) WHERE state = 'running';

ALTER TABLE enrollment.invitations
    ADD COLUMN wave_id uuid REFERENCES enrollment.invitation_waves,
    -- Why a mail never arrived: what sort of refusal, never its words.
    ADD COLUMN failure text NOT NULL DEFAULT '' CHECK (failure IN ('', 'address', 'mailbox', 'policy', 'relay'));
CREATE INDEX invitations_by_wave ON enrollment.invitations (wave_id) WHERE wave_id IS NOT NULL;

-- When the next invitation may leave, for all processes together.
CREATE TABLE enrollment.invitation_pace (
    one     boolean     NOT NULL PRIMARY KEY DEFAULT true CHECK (one),
    next_at timestamptz NOT NULL
);
INSERT INTO enrollment.invitation_pace (next_at) VALUES (to_timestamp(0));

-- Addresses that mail does not reach. Keyed by the address: a roster that
-- brings another one begins anew.
CREATE TABLE enrollment.undeliverable_addresses (
    address_id uuid        NOT NULL PRIMARY KEY,
    address    text        NOT NULL UNIQUE CHECK (address = lower(address) AND address <> ''),
    -- address: no such address; mailbox: it takes no mail; staff: by hand.
    reason     text        NOT NULL CHECK (reason IN ('address', 'mailbox', 'staff')),
    marked_by  uuid,
    marked_at  timestamptz NOT NULL DEFAULT clock.now(),
    CONSTRAINT undeliverable_by CHECK ((reason = 'staff') = (marked_by IS NOT NULL))
);

-- A member's postal address as a letter writes it.
-- +goose StatementBegin
CREATE FUNCTION enrollment.postal_address(address1 text, address2 text, city text, state text, zip text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT CASE WHEN address1 = '' OR city = '' OR state = '' OR zip = '' THEN ''
           ELSE concat_ws(E'\n', address1, nullif(address2, ''), city || ', ' || state || ' ' || zip) END
$$;
-- +goose StatementEnd

CREATE TABLE enrollment.letter_batches (
    batch_id   uuid        NOT NULL PRIMARY KEY,
    payer_id   uuid        NOT NULL REFERENCES enrollment.payers,
    -- made, and printed by whoever made it within a day; then mailed, or
    -- thrown away.
    state      text        NOT NULL DEFAULT 'made' CHECK (state IN ('made', 'mailed', 'discarded')),
    letters    integer     NOT NULL CHECK (letters > 0),
    made_by    uuid        NOT NULL,
    made_at    timestamptz NOT NULL DEFAULT clock.now(),
    settled_by uuid,
    settled_at timestamptz,
    CONSTRAINT letter_batches_settled CHECK ((state = 'made') = (settled_at IS NULL) AND (state = 'made') = (settled_by IS NULL))
);
CREATE INDEX letter_batches_newest ON enrollment.letter_batches (made_at DESC);

CREATE TABLE enrollment.letters (
    letter_id   uuid        NOT NULL PRIMARY KEY,
    batch_id    uuid        NOT NULL REFERENCES enrollment.letter_batches,
    member_id   uuid        NOT NULL REFERENCES enrollment.members,
    state       text        NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'used', 'closed')),
    -- Only this is looked up; the code itself is sealed until it is mailed.
    code_hash   bytea       NOT NULL UNIQUE CHECK (octet_length(code_hash) = 32),
    code_sealed bytea,
    -- Where it goes: what its code proves.
    address     text        NOT NULL CHECK (address <> ''),
    language    text        NOT NULL CHECK (language IN ('en', 'es')),
    tries       smallint    NOT NULL DEFAULT 0 CHECK (tries BETWEEN 0 AND 5),
    made_at     timestamptz NOT NULL DEFAULT clock.now(),
    expires_at  timestamptz NOT NULL,
    CONSTRAINT letters_span CHECK (expires_at > made_at AND expires_at <= made_at + interval '60 days')
);
-- A new letter takes the place of the old one.
CREATE UNIQUE INDEX letters_one_open ON enrollment.letters (member_id) WHERE state = 'open';
CREATE INDEX letters_by_batch ON enrollment.letters (batch_id);
CREATE INDEX letters_by_member ON enrollment.letters (member_id, made_at DESC);
CREATE INDEX letters_sealed ON enrollment.letters (made_at) WHERE code_sealed IS NOT NULL;

-- Somebody asked for a letter after typing their details. A row whoever they
-- are; the member only where the details fit.
CREATE TABLE enrollment.letter_requests (
    activation_id uuid        NOT NULL PRIMARY KEY REFERENCES enrollment.activations,
    member_id     uuid        REFERENCES enrollment.members,
    at            timestamptz NOT NULL DEFAULT clock.now(),
    letter_id     uuid        REFERENCES enrollment.letters
);
CREATE INDEX letter_requests_waiting ON enrollment.letter_requests (member_id) WHERE member_id IS NOT NULL AND letter_id IS NULL;

-- An activation by letter, once code and birth date were right: an address of
-- one's own, and the code that was mailed there.
CREATE TABLE enrollment.letter_activations (
    activation_id uuid        NOT NULL PRIMARY KEY,
    letter_id     uuid        NOT NULL REFERENCES enrollment.letters,
    language      text        NOT NULL CHECK (language IN ('en', 'es')),
    email         text        NOT NULL DEFAULT '',
    code_hash     bytea       CHECK (octet_length(code_hash) = 32),
    -- How many codes were mailed, and how often one was wrong.
    mails         smallint    NOT NULL DEFAULT 0 CHECK (mails BETWEEN 0 AND 5),
    tries         smallint    NOT NULL DEFAULT 0 CHECK (tries BETWEEN 0 AND 5),
    created_at    timestamptz NOT NULL DEFAULT clock.now(),
    expires_at    timestamptz NOT NULL,
    confirmed_at  timestamptz,
    -- Set where staff must look.
    reference     text        NOT NULL DEFAULT '',
    CONSTRAINT letter_activations_short CHECK (expires_at > created_at AND expires_at <= created_at + interval '1 hour'),
    CONSTRAINT letter_activations_code CHECK ((email = '') = (code_hash IS NULL))
);
CREATE INDEX letter_activations_by_letter ON enrollment.letter_activations (letter_id);
