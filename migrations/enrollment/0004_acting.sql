-- People who act for others: guardians of minors, by their word and a check,
-- and caregivers of adults, by the adult's invitation.

-- +goose Up

-- The last day on which somebody is a minor: the day before the 18th birthday.
-- Who was born on February 29 comes of age on March 1, as in most states.
-- +goose StatementBegin
CREATE FUNCTION enrollment.minor_until(born date) RETURNS date
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT pg_catalog.make_date(extract(year FROM born)::int + 18, extract(month FROM born)::int, 1)
        + extract(day FROM born)::int - 2
$$;
-- +goose StatementEnd

-- A request to act for a child: who vouches in which words, and what became of
-- it. Where the rule decides, the row is decided from the first.
CREATE TABLE enrollment.guardian_requests (
    request_id           uuid        NOT NULL PRIMARY KEY,
    reference            text        NOT NULL UNIQUE,
    -- Who asks, and the patient that they are themselves.
    account_id           uuid        NOT NULL,
    own_patient_id       uuid        NOT NULL REFERENCES enrollment.patients,
    -- The child, as typed. Without a number the child has no plan.
    given_name           text        NOT NULL CHECK (length(given_name) BETWEEN 1 AND 100),
    family_name          text        NOT NULL CHECK (length(family_name) BETWEEN 1 AND 100),
    birth_date           date        NOT NULL,
    member_no            text        NOT NULL DEFAULT '' CHECK (length(member_no) <= 80),
    -- The words of the attestation: the same for every request, none without.
    attestation_version  text        NOT NULL CHECK (attestation_version ~ '^[0-9]{4}-[0-9]{2}$'),
    attestation_language text        NOT NULL CHECK (attestation_language IN ('en', 'es')),
    attestation_hash     bytea       NOT NULL CHECK (octet_length(attestation_hash) = 32),
    attested_at          timestamptz NOT NULL DEFAULT clock.now(),
    state                text        NOT NULL CHECK (state IN ('requested', 'approved', 'refused')),
    -- Why staff had to look; empty where the rule decided.
    why                  text        NOT NULL CHECK (why IN
        ('', 'no_match', 'several', 'name_differs', 'other_family', 'other_guardian', 'has_account')),
    member_id            uuid        REFERENCES enrollment.members,
    -- The child as a patient.
    patient_id           uuid        REFERENCES enrollment.patients,
    decided_at           timestamptz,
    -- Null where the rule decided.
    decided_by           uuid,
    -- What staff wrote about it, sealed with the key of who asks.
    note_sealed          bytea,
    CONSTRAINT guardian_requests_decided CHECK ((state = 'requested') = (decided_at IS NULL)),
    CONSTRAINT guardian_requests_child CHECK ((state = 'approved') = (patient_id IS NOT NULL)),
    CONSTRAINT guardian_requests_by CHECK ((why <> '' AND state <> 'requested') = (decided_by IS NOT NULL)),
    CONSTRAINT guardian_requests_note CHECK ((decided_by IS NOT NULL) = (note_sealed IS NOT NULL)),
    CONSTRAINT guardian_requests_rule CHECK (why <> '' OR state = 'approved')
);
-- Asking twice about one child is one request.
CREATE UNIQUE INDEX guardian_requests_one_open ON enrollment.guardian_requests
    (account_id, birth_date, lower(given_name), lower(family_name)) WHERE state = 'requested';
CREATE INDEX guardian_requests_open ON enrollment.guardian_requests (attested_at, request_id) WHERE state = 'requested';
CREATE INDEX guardian_requests_by_account ON enrollment.guardian_requests (account_id);

-- An adult's invitation to somebody to act for them.
CREATE TABLE enrollment.caregiver_invitations (
    invitation_id        uuid        NOT NULL PRIMARY KEY,
    -- Who invites.
    account_id           uuid        NOT NULL,
    patient_id           uuid        NOT NULL REFERENCES enrollment.patients,
    state                text        NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sent', 'accepted', 'withdrawn', 'failed')),
    token_hash           bytea       NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    token_sealed         bytea,
    email                text        NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
    language             text        NOT NULL CHECK (language IN ('en', 'es')),
    created_at           timestamptz NOT NULL DEFAULT clock.now(),
    expires_at           timestamptz NOT NULL,
    sent_at              timestamptz,
    accepted_at          timestamptz,
    caregiver_account_id uuid,
    CONSTRAINT caregiver_invitations_span CHECK (expires_at > created_at AND expires_at <= created_at + interval '7 days'),
    -- The token is wiped by the statement that says it was sent.
    CONSTRAINT caregiver_invitations_sealed CHECK ((token_sealed IS NOT NULL) = (state = 'queued')),
    CONSTRAINT caregiver_invitations_accepted CHECK ((state = 'accepted') = (accepted_at IS NOT NULL)
        AND (state = 'accepted') = (caregiver_account_id IS NOT NULL)),
    CONSTRAINT caregiver_invitations_self CHECK (caregiver_account_id <> account_id)
);
CREATE INDEX caregiver_invitations_by_patient ON enrollment.caregiver_invitations (patient_id, created_at DESC);

-- Rights that somebody ended before their day came. acts_for holds only those
-- that hold, or end by their date.
CREATE TABLE enrollment.acts_for_ended (
    acts_for_id uuid        NOT NULL PRIMARY KEY,
    account_id  uuid        NOT NULL,
    patient_id  uuid        NOT NULL REFERENCES enrollment.patients,
    relation    text        NOT NULL CHECK (relation IN ('guardian', 'caregiver')),
    from_date   date        NOT NULL,
    ended_at    timestamptz NOT NULL DEFAULT clock.now(),
    ended_by    uuid        NOT NULL
);
CREATE INDEX acts_for_ended_by_patient ON enrollment.acts_for_ended (patient_id);

-- As before, and: an address at which a guardian of the person is reached, now
-- or in the past, is not the person's own. What is mailed to someone who came
-- of age must not reach who acted for them.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION enrollment.email_shared(member uuid) RETURNS boolean
    LANGUAGE sql STABLE
AS $$
    SELECT EXISTS (
        SELECT FROM enrollment.members m
        JOIN enrollment.members o ON o.email <> '' AND lower(o.email) = lower(m.email) AND o.member_id <> m.member_id
        WHERE m.member_id = member
          AND o.birth_date <= (clock.now() - interval '18 years')::date
          AND NOT (o.birth_date = m.birth_date AND o.name_search = m.name_search)
          AND NOT (m.is_subscriber AND o.subscriber_member_id IS NOT DISTINCT FROM m.member_id)
    ) OR EXISTS (
        SELECT FROM enrollment.members m
        JOIN (
            SELECT account_id, patient_id FROM enrollment.acts_for WHERE relation = 'guardian'
            UNION ALL
            SELECT account_id, patient_id FROM enrollment.acts_for_ended WHERE relation = 'guardian'
        ) g ON g.patient_id = m.patient_id
        JOIN enrollment.acts_for s ON s.account_id = g.account_id AND s.relation = 'self'
        JOIN enrollment.contact_points c ON c.patient_id = s.patient_id AND c.kind = 'email' AND lower(c.value) = lower(m.email)
        WHERE m.member_id = member
    )
$$;
-- +goose StatementEnd
